import { useQuery } from "@tanstack/react-query";
import { Ago, ErrorNote, Meter } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { HoldNotes } from "../runs/hold_note.tsx";
import { Card } from "./card.tsx";
import { DayBars } from "./day_bars.tsx";
import { SpentTable } from "./spent_table.tsx";
import { usageQuery } from "./use_settings.ts";

function Level({
  title,
  text,
  value,
  total,
  resetsAt,
}: {
  title: string;
  text: string;
  value: number;
  total: number;
  resetsAt: string;
}) {
  const { t } = useTranslation();
  const part = value / Math.max(total, 1);
  const look = part >= 1 ? "bg-bad" : part >= 0.8 ? "bg-warn" : "bg-accent";

  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="font-medium">{title}</h3>
        <span className="text-[13px] tabular-nums">{text}</span>
      </div>
      <Meter
        label={text}
        total={total}
        parts={[{ label: title, value, className: look }]}
        className="h-2"
      />
      <p className="text-[13px] text-muted">
        {t("settings:resets")} <Ago at={resetsAt} />
      </p>
    </div>
  );
}

/** What is left of YouTube's quota and of the budget, and where both went. */
export function UsageCard() {
  const { t, i18n } = useTranslation();
  const usage = useQuery(usageQuery);
  const number = (value: number) => value.toLocaleString(i18n.language);
  const money = (millionths: number) =>
    (millionths / 1e6).toLocaleString(i18n.language, { style: "currency", currency: "USD" });
  const { youtube, budget, days, last_30_days: spent } = usage.data ?? {};

  return (
    <Card id="usage" title={t("settings:usage")} about={t("settings:usageAbout")}>
      {usage.error && <ErrorNote error={usage.error} onRetry={() => void usage.refetch()} />}
      <HoldNotes />
      {youtube && (
        <Level
          title={t("settings:quota")}
          text={t("settings:quotaText", {
            units: number(youtube.units),
            total: number(youtube.daily_units),
          })}
          value={youtube.units}
          total={youtube.daily_units}
          resetsAt={youtube.resets_at}
        />
      )}
      {budget && budget.daily_millionths !== null && (
        <Level
          title={t("settings:budget")}
          text={t("settings:budgetText", {
            spent: money(budget.spent_millionths),
            total: money(budget.daily_millionths),
          })}
          value={budget.spent_millionths}
          total={budget.daily_millionths}
          resetsAt={budget.resets_at}
        />
      )}
      {budget?.daily_millionths === null && (
        <p>{t("settings:noBudget", { spent: money(budget.spent_millionths) })}</p>
      )}
      {days && <DayBars days={days} money={money} number={number} />}
      {spent && spent.length > 0 && <SpentTable spent={spent} money={money} number={number} />}
    </Card>
  );
}
