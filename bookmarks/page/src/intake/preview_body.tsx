import { ErrorNote, Switch } from "barq-web/kit";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { OutcomeFilter } from "./outcome_filter.tsx";
import { type Line, PreviewLines } from "./preview_lines.tsx";
import type { Counts, Outcome, Told } from "./report.ts";

function linesOf(told: Told[]): Line[] {
  return told.flatMap(({ source, report }) =>
    (report?.lines ?? []).map((line) => ({ ...line, file: told.length > 1 ? source.name : "" })),
  );
}

export function PreviewBody({
  told,
  counts,
  process,
  onProcess,
}: {
  told: Told[];
  counts: Counts;
  process: boolean;
  onProcess: (process: boolean) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const [chosen, setChosen] = useState<Outcome | undefined>(undefined);
  const lines = linesOf(told);
  const refused = told.reduce((sum, { report }) => sum + (report?.values_refused ?? 0), 0);
  const isCut = told.some(({ report }) => report?.truncated);

  return (
    <div className="flex flex-col gap-4">
      {told
        .filter(({ error }) => error !== undefined)
        .map(({ source, error }) => (
          <div key={source.name} className="flex flex-col gap-1">
            {source.name !== "" && (
              <p className="font-medium">{t("intake:notRead", { file: source.name })}</p>
            )}
            <ErrorNote error={error} />
          </div>
        ))}
      {lines.length === 0 ? (
        <p className="py-4 text-center text-muted">{t("intake:nothing")}</p>
      ) : (
        <>
          <OutcomeFilter counts={counts} chosen={chosen} onChoose={setChosen} />
          <PreviewLines lines={lines.filter(({ outcome }) => !chosen || outcome === chosen)} />
        </>
      )}
      {isCut && <p className="text-[13px] text-muted">{t("intake:truncated")}</p>}
      {refused > 0 && (
        <p className="text-[13px] text-warn">{t("intake:valuesRefused", { count: refused })}</p>
      )}
      {counts.expanding > 0 && <p className="text-[13px] text-muted">{t("intake:expands")}</p>}
      {counts.added + counts.expanding > 0 && (
        <div className="flex items-center gap-3">
          <Switch id={id} checked={process} onCheckedChange={onProcess} />
          <label htmlFor={id}>{t("intake:process")}</label>
        </div>
      )}
    </div>
  );
}
