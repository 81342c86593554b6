import { Link } from "@tanstack/react-router";
import { Meter } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Statistics } from "./queries.ts";

function Tile({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div className="flex flex-col rounded-lg border bg-surface px-4 py-3">
      <dt className="order-2 text-[13px] text-muted">{name}</dt>
      <dd className="font-semibold text-2xl tabular-nums tracking-tight">
        {value}
        {note && <span className="ml-2 font-normal text-[13px] text-muted">{note}</span>}
      </dd>
    </div>
  );
}

const states = [
  ["completed", "bg-ok"],
  ["pending", "bg-line-strong"],
  ["failed", "bg-bad"],
] as const;

function States({ listId, statistics }: { listId: string; statistics: Statistics }) {
  const { t } = useTranslation();
  const parts = states.map(([name, className]) => ({
    name,
    className,
    value: statistics[`${name}_count`],
    label: t(`statistics:is.${name}`, { count: statistics[`${name}_count`] }),
  }));
  const more = (["gone", "private"] as const)
    .map((name) => ({
      name,
      value: statistics[`${name}_count`],
      label: t(`statistics:is.${name}`, { count: statistics[`${name}_count`] }),
    }))
    .filter((one) => one.value > 0);

  return (
    <div className="rounded-lg border bg-surface p-4">
      <Meter
        className="h-2.5"
        label={parts.map((part) => part.label).join(", ")}
        total={statistics.video_count}
        parts={parts}
      />
      <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-[13px]">
        {[...parts.filter((part) => part.value > 0), ...more].map((part) => (
          <li key={part.name}>
            <Link
              to="/lists/$listId"
              params={{ listId }}
              search={{ q: `is:${part.name}` }}
              className="inline-flex min-h-6 items-center gap-1.5 underline-offset-2 hover:underline"
            >
              {"className" in part && (
                <span aria-hidden className={`size-2 rounded-full ${part.className}`} />
              )}
              {part.label}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The list in four numbers, and how far it is. */
export function Summary({ listId, statistics }: { listId: string; statistics: Statistics }) {
  const { t, i18n } = useTranslation();
  const number = (count: number) => count.toLocaleString(i18n.language);
  const percent = (count: number, of: number) =>
    t("statistics:percent", { percent: Math.round((100 * count) / Math.max(1, of)) });
  const hours = statistics.total_seconds / 3600;
  const total = t("statistics:hours", {
    hours: hours.toLocaleString(i18n.language, { maximumFractionDigits: hours < 10 ? 1 : 0 }),
  });
  const mean = statistics.total_seconds / Math.max(1, statistics.timed_count) / 60;

  return (
    <>
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Tile name={t("statistics:videos")} value={number(statistics.video_count)} />
        <Tile
          name={t("statistics:watched")}
          value={number(statistics.watched_count)}
          note={percent(statistics.watched_count, statistics.video_count)}
        />
        <Tile name={t("statistics:total")} value={total} />
        <Tile
          name={t("statistics:mean")}
          value={t("values:minutes", { m: number(Math.round(mean)) })}
        />
      </dl>
      <States listId={listId} statistics={statistics} />
    </>
  );
}
