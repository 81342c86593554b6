import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ask, Button, Empty, ErrorNote } from "barq-web/kit";
import { Activity } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import { runsQuery } from "../api/queries.ts";
import { HoldNotes } from "./hold_note.tsx";
import { RunCard } from "./run_card.tsx";

const PAGE = 100;

/** Those before the newest; they change no more, or hardly. */
function useOlderRuns(last: string | undefined) {
  return useInfiniteQuery({
    queryKey: ["older-runs", last],
    enabled: false,
    initialPageParam: last,
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET("/api/runs", { params: { query: { before: pageParam, limit: PAGE } }, signal })),
    getNextPageParam: (page) => (page.length === PAGE ? page.at(-1)?.id : undefined),
  });
}

export function RunsPage() {
  const { t } = useTranslation();
  const runs = useQuery(runsQuery);
  const newest = runs.data ?? [];
  const older = useOlderRuns(newest.length === PAGE ? newest.at(-1)?.id : undefined);
  const hasMore = older.data ? older.hasNextPage : newest.length === PAGE;

  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-4 p-4 sm:p-6">
      <header>
        <h1 className="font-semibold text-xl">{t("nav:runs")}</h1>
        <p className="text-muted">{t("runs:about")}</p>
      </header>
      <HoldNotes />
      {runs.error && <ErrorNote error={runs.error} onRetry={() => void runs.refetch()} />}
      {runs.data?.length === 0 && (
        <Empty icon={<Activity />} title={t("runs:none")}>
          {t("runs:noneText")}
        </Empty>
      )}
      <ul className="flex flex-col gap-3">
        {[...newest, ...(older.data?.pages.flat() ?? [])].map((run) => (
          <RunCard key={run.id} run={run} />
        ))}
      </ul>
      {hasMore && (
        <Button
          className="self-center"
          onClick={() => void (older.data ? older.fetchNextPage() : older.refetch())}
        >
          {t("runs:older")}
        </Button>
      )}
    </div>
  );
}
