import { useQuery } from "@tanstack/react-query";
import { Inbox } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Empty, ErrorNote } from "../kit/index.ts";
import type { Filter } from "./api.ts";
import { BulkBar } from "./bulk_bar.tsx";
import { useDashboard } from "./context.ts";
import { JobFilter } from "./job_filter.tsx";
import { JobsTable } from "./jobs_table.tsx";

/** Which page of a filter is looked at: the cursors that led there. */
function usePages(filterKey: string) {
  const [pages, setPages] = useState<{ of: string; cursors: string[] }>({ of: "", cursors: [] });
  const cursors = pages.of === filterKey ? pages.cursors : [];

  return {
    cursor: cursors.at(-1),
    number: cursors.length + 1,
    next: (cursor: string) => setPages({ of: filterKey, cursors: [...cursors, cursor] }),
    previous: () => setPages({ of: filterKey, cursors: cursors.slice(0, -1) }),
  };
}

export function JobsView() {
  const { t } = useTranslation("queue");
  const { queue, search } = useDashboard();
  const filter: Filter = {
    queue: search.queue,
    status: search.status,
    function: search.function,
    search: search.text,
  };
  const filterKey = JSON.stringify(filter);
  const pages = usePages(filterKey);
  const [chosen, setChosen] = useState<{ of: string; ids: Set<string> }>();
  const page = useQuery(queue.jobs(filter, pages.cursor));
  const ids = chosen?.of === filterKey ? chosen.ids : new Set<string>();
  const choose = (next: Set<string>) => setChosen({ of: filterKey, ids: next });
  const jobs = page.data?.jobs ?? [];
  const next = page.data?.next_cursor;

  return (
    <div className="flex flex-col gap-3">
      <JobFilter />
      {page.error && <ErrorNote error={page.error} onRetry={() => page.refetch()} />}
      <BulkBar jobs={jobs} chosen={ids} filter={filter} onClear={() => choose(new Set())} />
      {page.data && jobs.length === 0 ? (
        <Empty icon={<Inbox />} title={t(next ? "noneYet" : "noJobs")}>
          {next ? t("scanned", { count: page.data.scanned }) : t("noJobsText")}
        </Empty>
      ) : (
        <JobsTable jobs={jobs} chosen={ids} onChoose={choose} />
      )}
      {(pages.number > 1 || next) && (
        <div className="flex items-center justify-end gap-2">
          <span className="text-muted text-xs">{t("page", { number: pages.number })}</span>
          <Button size="sm" disabled={pages.number === 1} onClick={pages.previous}>
            {t("previous")}
          </Button>
          <Button size="sm" disabled={!next} onClick={() => next && pages.next(next)}>
            {t("next")}
          </Button>
        </div>
      )}
    </div>
  );
}
