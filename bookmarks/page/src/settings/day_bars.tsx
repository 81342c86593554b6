import { Tabs } from "barq-web/kit";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "../api/schema.ts";

type Day = components["schemas"]["Usage"]["days"][number];
type Words = { money: (millionths: number) => string; number: (value: number) => string };

function Bars({
  days,
  amountOf,
  textOf,
}: {
  days: Day[];
  amountOf: (day: Day) => number;
  textOf: (day: Day) => string;
}) {
  const { i18n } = useTranslation();
  const most = Math.max(1, ...days.map(amountOf));
  const dateOf = (day: Day) =>
    new Date(`${day.day}T00:00`).toLocaleDateString(i18n.language, {
      day: "numeric",
      month: "short",
    });

  return (
    <ol className="flex h-24 items-end gap-0.5 pt-2">
      {days.map((day) => (
        <li
          key={day.day}
          title={`${dateOf(day)}: ${textOf(day)}`}
          className="flex h-full min-w-0 flex-1 items-end rounded-sm hover:bg-sunken"
        >
          <span className="sr-only">{`${dateOf(day)}: ${textOf(day)}`}</span>
          <span
            aria-hidden
            className="min-h-px w-full rounded-sm bg-accent"
            style={{ height: `${(100 * amountOf(day)) / most}%` }}
          />
        </li>
      ))}
    </ol>
  );
}

/** The last 30 days, by what they cost, what they asked of YouTube, or how much a model read. */
export function DayBars({ days, money, number }: { days: Day[] } & Words) {
  const { t } = useTranslation();
  const [shown, setShown] = useState("units");

  return (
    <Tabs
      label={t("settings:over30Days")}
      value={shown}
      onChange={setShown}
      tabs={[
        {
          value: "units",
          label: t("settings:byUnits"),
          content: (
            <Bars
              days={days}
              amountOf={(day) => day.units}
              textOf={(day) => t("settings:units", { count: day.units, number: number(day.units) })}
            />
          ),
        },
        {
          value: "cost",
          label: t("settings:byCost"),
          content: (
            <Bars
              days={days}
              amountOf={(day) => day.cost_millionths}
              textOf={(day) => money(day.cost_millionths)}
            />
          ),
        },
        {
          value: "tokens",
          label: t("settings:byTokens"),
          content: (
            <Bars
              days={days}
              amountOf={(day) => day.tokens_in + day.tokens_out}
              textOf={(day) =>
                t("settings:tokenCount", { number: number(day.tokens_in + day.tokens_out) })
              }
            />
          ),
        },
      ]}
    />
  );
}
