import { t } from "i18next";
import { sourceIcons } from "../../values/source_mark.tsx";
import type { SaidValue } from "../../values/types.ts";
import { clock } from "../../values/words.ts";

/** Who said so, small; pointing at it tells more. */
export function Mark({ value }: { value: SaidValue }) {
  const Icon = sourceIcons[value.source];
  const said = value.quote
    ? `\n${t("table:quote", { quote: value.quote, at: clock(value.at_seconds) })}`
    : "";
  const text = t(`table:source.${value.source}`, {
    model: [value.model, value.model_version].filter(Boolean).join(" ") || t("table:aModel"),
  });

  return (
    <span
      role="img"
      aria-label={text + said}
      data-tip={text + said}
      className="ml-auto shrink-0 pl-1 text-muted opacity-55 group-hover/row:opacity-100"
    >
      <Icon className="size-3" />
    </span>
  );
}
