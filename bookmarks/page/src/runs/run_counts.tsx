import { Meter, type Part } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Run } from "../api/client.ts";

export type Parts = {
  waiting: number;
  processing: number;
  held: number;
  completed: number;
  failed: number;
  cancelled: number;
};
export const statuses = [
  "completed",
  "processing",
  "held",
  "waiting",
  "failed",
  "cancelled",
] as const satisfies (keyof Parts)[];

/** What the run itself tells: whether one is being processed, only its videos say. */
export function partsOf(run: Run): Parts {
  const isHeld = run.holds.length > 0;

  return {
    waiting: isHeld ? 0 : run.waiting_count,
    processing: 0,
    held: isHeld ? run.waiting_count : 0,
    completed: run.processed_count,
    failed: run.failed_count,
    cancelled: run.cancelled_count,
  };
}

/** A colour for each, never alone: the words stand below. */
export const dots: Record<keyof Parts, string> = {
  completed: "bg-ok",
  processing: "bg-accent",
  held: "bg-warn",
  waiting: "bg-line-strong",
  failed: "bg-bad",
  cancelled: "bg-muted",
};

export function RunMeter({ parts, total }: { parts: Parts; total: number }) {
  const { t } = useTranslation();
  const shown = statuses.filter((status) => parts[status] > 0);
  const words = shown.map((status) => t(`runs:count.${status}`, { count: parts[status] }));
  const meter: Part[] = shown.map((status, at) => ({
    value: parts[status],
    className: dots[status],
    label: words[at] ?? status,
  }));

  return (
    <div className="flex flex-col gap-1.5">
      <Meter parts={meter} total={total} label={words.join(", ")} className="h-2" />
      <ul className="flex flex-wrap gap-x-4 gap-y-0.5 text-[13px] text-muted tabular-nums">
        {shown.map((status, at) => (
          <li key={status} className="flex items-center gap-1.5">
            <span aria-hidden className={`size-2 rounded-full ${dots[status]}`} />
            {words[at]}
          </li>
        ))}
      </ul>
    </div>
  );
}
