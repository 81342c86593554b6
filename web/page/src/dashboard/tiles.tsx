import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { spanTime } from "../kit/index.ts";
import { useDashboard } from "./context.ts";
import { useNumbers } from "./numbers.ts";
import type { Search } from "./search.ts";

function Tile({ name, value, to }: { name: string; value: string; to?: Partial<Search> }) {
  const { go } = useDashboard();
  const content = (
    <>
      <span className="text-muted text-xs">{name}</span>
      <span className="font-semibold text-xl tabular-nums">{value}</span>
    </>
  );
  const looks = "flex flex-col gap-0.5 rounded-lg border bg-surface px-4 py-3 text-left";

  return to ? (
    <button type="button" className={`${looks} hover:border-line-strong`} onClick={() => go(to)}>
      {content}
    </button>
  ) : (
    <div className={looks}>{content}</div>
  );
}

/** How the queues are now, in six numbers. */
export function Tiles() {
  const { t } = useTranslation("queue");
  const { queue } = useDashboard();
  const { count, rate } = useNumbers();
  const now = useQuery(queue.overview).data;

  if (!now) {
    return <div className="h-20" />;
  }
  const jobs = (status: Search["status"]): Partial<Search> => ({ view: "jobs", status });
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
      <Tile
        name={t("state.in_progress")}
        value={count(now.totals.in_progress)}
        to={jobs("in_progress")}
      />
      <Tile name={t("state.queued")} value={count(now.totals.queued)} to={jobs("queued")} />
      <Tile name={t("state.deferred")} value={count(now.totals.deferred)} to={jobs("deferred")} />
      <Tile name={t("state.failed")} value={count(now.totals.failed)} to={jobs("failed")} />
      <Tile name={t("perSecond")} value={rate(now.recent.complete_per_s)} />
      <Tile
        name={t("runP95")}
        value={now.recent.run_p95_ms === null ? "–" : spanTime(now.recent.run_p95_ms)}
      />
    </div>
  );
}
