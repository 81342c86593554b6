import { Bot, FileInput, type LucideIcon, Regex, User } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { SaidValue } from "./types.ts";

export const sourceIcons: Record<SaidValue["source"], LucideIcon> = {
  rule: Regex,
  model: Bot,
  import: FileInput,
  person: User,
};

/** Who said a value: a picture, with the words for whoever points at it or hears it. */
export function SourceMark({ said, withName }: { said: SaidValue; withName?: boolean }) {
  const { t } = useTranslation();
  const Icon = sourceIcons[said.source];
  const words = said.model
    ? t("values:by.modelNamed", { model: said.model_version ?? said.model })
    : t(`values:by.${said.source}`);

  return withName ? (
    <span className="inline-flex min-w-0 items-center gap-1 text-muted text-xs">
      <Icon className="size-3.5 shrink-0" aria-hidden />
      <span className="truncate">{words}</span>
    </span>
  ) : (
    <span role="img" aria-label={words} data-tip={words} className="inline-flex text-muted">
      <Icon className="size-3.5" aria-hidden />
    </span>
  );
}
