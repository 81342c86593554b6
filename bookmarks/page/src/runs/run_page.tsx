import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Ago, ask, Button, ErrorNote } from "barq-web/kit";
import { ArrowLeft, ListVideo } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, type Run } from "../api/client.ts";
import { HoldNotes } from "./hold_note.tsx";
import { RunActions } from "./run_actions.tsx";
import { type Parts, partsOf, RunMeter } from "./run_counts.tsx";
import { RunBadge, useRunText } from "./run_state.tsx";
import { RunKind, useListName } from "./run_title.tsx";
import { RunVideos } from "./run_videos.tsx";
import { useRunVideos } from "./use_run_videos.ts";

const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", id],
    queryFn: ({ signal }) => ask(api.GET("/api/runs/{id}", { params: { path: { id } }, signal })),
  });

/** With what is being processed, as far as the first of those that wait tell. */
function useParts(run: Run): Parts {
  const waiting = useRunVideos(run.id, "waiting").data?.pages.flat() ?? [];
  const parts = partsOf(run);
  const processing = waiting.filter(({ status }) => status === "processing").length;
  const held = waiting.filter(({ status }) => status === "held").length;

  return run.holds.length > 0 || processing + held > parts.waiting
    ? parts
    : { ...parts, processing, held, waiting: parts.waiting - processing - held };
}

function RunView({ run }: { run: Run }) {
  const { t } = useTranslation();
  const listName = useListName();
  const text = useRunText()(run);
  const parts = useParts(run);

  return (
    <>
      <header className="flex flex-col gap-2">
        <Link
          to="/runs"
          className="flex items-center gap-1 self-start text-[13px] text-muted hover:text-ink"
        >
          <ArrowLeft aria-hidden className="size-4" />
          {t("nav:runs")}
        </Link>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h1 className="min-w-0 truncate font-semibold text-xl">
            {t("runs:titleOf", { list: listName(run.list_id), count: run.total_videos })}
          </h1>
          <RunBadge run={run} />
          <RunKind run={run} />
          <div className="flex sm:ml-auto flex-wrap gap-2">
            <RunActions run={run} />
            <Button size="sm" className="max-sm:h-9" asChild>
              <Link to="/lists/$listId" params={{ listId: run.list_id }}>
                <ListVideo />
                {t("runs:toList")}
              </Link>
            </Button>
          </div>
        </div>
        <p className="text-[13px] text-muted">
          {run.finished_at ? t("runs:finished") : t("runs:started")}{" "}
          <Ago at={run.finished_at ?? run.started_at} />
        </p>
        {text && <p className={run.error ? "text-bad" : "text-warn"}>{text}</p>}
      </header>
      <RunMeter parts={parts} total={run.total_videos} />
      <RunVideos run={run} />
    </>
  );
}

export function RunPage() {
  const { runId } = useParams({ from: "/runs/$runId" });
  const run = useQuery(runQuery(runId));

  return (
    <div className="mx-auto flex h-full w-full max-w-5xl flex-col gap-4 p-4 sm:p-6">
      <HoldNotes />
      {run.error && <ErrorNote error={run.error} onRetry={() => void run.refetch()} />}
      {run.data && <RunView key={run.data.id} run={run.data} />}
    </div>
  );
}
