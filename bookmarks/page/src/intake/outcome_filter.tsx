import { cn } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { looks } from "./looks.tsx";
import { type Counts, type Outcome, outcomes } from "./report.ts";

/** How many lines come to what; pressed, only those are shown. */
export function OutcomeFilter({
  counts,
  chosen,
  onChoose,
}: {
  counts: Counts;
  chosen: Outcome | undefined;
  onChoose: (outcome: Outcome | undefined) => void;
}) {
  const { t } = useTranslation();

  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">{t("intake:filter")}</legend>
      {outcomes
        .filter((outcome) => counts[outcome] > 0)
        .map((outcome) => {
          const { icon: Icon } = looks[outcome];
          const isChosen = chosen === outcome;

          return (
            <button
              key={outcome}
              type="button"
              aria-pressed={isChosen}
              onClick={() => onChoose(isChosen ? undefined : outcome)}
              className={cn(
                "inline-flex h-8 items-center gap-1.5 rounded-full border px-3 text-[13px] tabular-nums [&_svg]:size-3.5",
                isChosen ? "border-accent bg-accent-soft text-accent-ink" : "hover:bg-sunken",
              )}
            >
              <Icon aria-hidden />
              {t(`intake:count.${outcome}`, { count: counts[outcome] })}
            </button>
          );
        })}
    </fieldset>
  );
}
