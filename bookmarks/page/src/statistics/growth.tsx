import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Card } from "./card.tsx";
import type { Statistics } from "./queries.ts";

type Days = Statistics["days"];
type Which = "added" | "completed";

function Columns({ listId, days, which }: { listId: string; days: Days; which: Which }) {
  const { t, i18n } = useTranslation();
  const countOf = (day: Days[number]) => day[`${which}_count`];
  const most = Math.max(1, ...days.map(countOf));
  const sum = days.reduce((all, day) => all + countOf(day), 0);
  const name = t(`statistics:perDay.${which}`, { count: sum });
  const dayOf = (day: string) =>
    new Date(day).toLocaleDateString(i18n.language, { dateStyle: "medium", timeZone: "UTC" });
  const column = (count: number) => (
    <span
      className={`block w-full rounded-t-sm ${which === "added" ? "bg-accent" : "bg-ok"}`}
      style={{ height: `${(100 * count) / most}%`, minHeight: 2 }}
    />
  );

  return (
    <figure aria-label={name}>
      <figcaption className="mb-1 flex justify-between text-[13px]">
        <span>{name}</span>
        <span className="text-muted tabular-nums">
          {t("statistics:most", { number: most.toLocaleString(i18n.language) })}
        </span>
      </figcaption>
      <ol className="flex h-16 items-end gap-px border-b">
        {days.map((day) => {
          const count = countOf(day);
          const label = t(`statistics:onDay.${which}`, { day: dayOf(day.day), count });
          return (
            <li key={day.day} className="flex h-full min-w-0 flex-1 items-end">
              {count > 0 &&
                (which === "added" ? (
                  <Link
                    to="/lists/$listId"
                    params={{ listId }}
                    search={{ q: `added:${day.day}` }}
                    aria-label={label}
                    data-tip={label}
                    className="flex h-full w-full items-end hover:bg-sunken"
                  >
                    {column(count)}
                  </Link>
                ) : (
                  <span
                    role="img"
                    aria-label={label}
                    data-tip={label}
                    className="flex h-full w-full items-end"
                  >
                    {column(count)}
                  </span>
                ))}
            </li>
          );
        })}
      </ol>
    </figure>
  );
}

/** What came, and what was done, in the last 90 days. */
export function Growth({ listId, days }: { listId: string; days: Days }) {
  const { t, i18n } = useTranslation();
  const ends = [days[0], days.at(-1)].map(
    (day) =>
      day &&
      new Date(day.day).toLocaleDateString(i18n.language, { dateStyle: "medium", timeZone: "UTC" }),
  );

  return (
    <Card title={t("statistics:growth")}>
      <div className="flex flex-col gap-4">
        <Columns listId={listId} days={days} which="added" />
        <Columns listId={listId} days={days} which="completed" />
      </div>
      <div className="mt-1 flex justify-between text-muted text-xs">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </div>
    </Card>
  );
}
