import { cn } from "barq-web/kit";
import { Check, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";

/** The words of an OptionEditor, whose keys move in it. */
export function OptionList({
  id,
  label,
  options,
  chosen,
  marked,
  newest,
  isMany,
  onPoint,
  onTake,
}: {
  id: string;
  label: string;
  options: string[];
  chosen: string[];
  marked: number;
  /** Which of them is not there yet. */
  newest: number | undefined;
  isMany: boolean | undefined;
  onPoint: (at: number) => void;
  onTake: (word: string) => void;
}) {
  const { t } = useTranslation();

  return (
    <div
      id={id}
      role="listbox"
      aria-label={label}
      aria-multiselectable={isMany}
      className="max-h-64 overflow-y-auto p-1"
    >
      {options.map((word, row) => (
        <div
          key={word}
          id={`${id}-${row}`}
          role="option"
          tabIndex={-1}
          aria-selected={chosen.includes(word)}
          ref={row === marked ? (one) => one?.scrollIntoView({ block: "nearest" }) : undefined}
          className={cn(
            "flex min-h-8 cursor-pointer items-center gap-2 rounded px-2 [&_svg]:size-4 [&_svg]:shrink-0",
            row === marked && "bg-accent-soft text-accent-ink",
          )}
          onPointerMove={() => row !== marked && onPoint(row)}
          onPointerDown={(event) => {
            event.preventDefault();
            onTake(word);
          }}
        >
          {row === newest ? (
            <Plus />
          ) : (
            <Check className={cn(!chosen.includes(word) && "invisible")} />
          )}
          <span className="truncate">
            {row === newest ? t("table:makeOption", { word }) : word}
          </span>
        </div>
      ))}
      {options.length === 0 && <p className="px-2 py-1.5 text-muted">{t("table:noOption")}</p>}
    </div>
  );
}
