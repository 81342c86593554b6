import { Quote } from "lucide-react";
import { useTranslation } from "react-i18next";
import { SourceMark } from "../../values/source_mark.tsx";
import type { SaidValue } from "../../values/types.ts";
import { MomentLink } from "../moment_link.tsx";

/** Who said a value, and, of a model, where in the video it heard it: pressed, the player goes there. */
export function Said({ said }: { said: SaidValue }) {
  const { t } = useTranslation();

  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <div className="flex min-w-0 items-center gap-1 text-xs">
        <SourceMark said={said} withName />
        {said.at_seconds !== undefined && (
          <MomentLink seconds={said.at_seconds} className="shrink-0 px-1 max-sm:py-1.5" />
        )}
      </div>
      {said.quote && (
        <div className="flex items-start gap-1.5 text-[13px] text-muted">
          <Quote className="mt-0.5 size-3.5 shrink-0" aria-hidden />
          <q className="min-w-0 break-words" title={t("detail:fields.evidence")}>
            {said.quote}
          </q>
        </div>
      )}
    </div>
  );
}
