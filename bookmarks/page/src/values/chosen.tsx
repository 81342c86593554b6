import { X } from "lucide-react";
import { useTranslation } from "react-i18next";

/** What is chosen of many, in the box; each can be taken out again. */
export function Chosen({
  options,
  onRemove,
}: {
  options: string[];
  onRemove: (option: string) => void;
}) {
  const { t } = useTranslation();

  return options.map((option) => (
    <span
      key={option}
      className="inline-flex h-6 max-w-full items-center gap-0.5 rounded bg-sunken pl-1.5 font-medium text-xs"
    >
      <span className="truncate">{option}</span>
      <button
        type="button"
        tabIndex={-1}
        aria-label={t("values:remove", { option })}
        className="rounded p-1 text-muted hover:text-ink"
        onMouseDown={(event) => event.preventDefault() /* the focus stays in the box */}
        onClick={() => onRemove(option)}
      >
        <X className="size-3" aria-hidden />
      </button>
    </span>
  ));
}
