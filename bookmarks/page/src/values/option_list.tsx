import { cn } from "barq-web/kit";
import { Check, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Item } from "./options.ts";

/** What an OptionPicker offers, whose keys move in it. */
export function OptionList({
  id,
  label,
  items,
  at,
  isMany,
  onPoint,
  onTake,
}: {
  id: string;
  label: string;
  items: Item[];
  /** The one that is marked. */
  at: number;
  isMany: boolean;
  onPoint: (index: number) => void;
  onTake: (option: string) => void;
}) {
  const { t } = useTranslation();

  return (
    <div
      role="listbox"
      id={id}
      aria-label={label}
      aria-multiselectable={isMany}
      tabIndex={-1}
      className="max-h-64 overflow-y-auto p-1"
    >
      {items.map((item, index) => (
        <div
          key={item.option}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          ref={index === at ? (one) => one?.scrollIntoView({ block: "nearest" }) : undefined}
          aria-selected={item.isChosen}
          className={cn(
            "flex h-8 cursor-pointer items-center gap-2 rounded px-2",
            index === at && "bg-accent-soft text-accent-ink",
          )}
          onMouseMove={() => index !== at && onPoint(index)}
          onClick={() => onTake(item.option)}
          onKeyDown={() => undefined}
        >
          {item.isNew ? (
            <Plus className="size-4 shrink-0" aria-hidden />
          ) : (
            <Check className={cn("size-4 shrink-0", !item.isChosen && "invisible")} aria-hidden />
          )}
          <span className="truncate">
            {item.isNew ? t("values:make", { option: item.option }) : item.option}
          </span>
        </div>
      ))}
      {items.length === 0 && (
        <div
          role="option"
          aria-selected={false}
          aria-disabled
          tabIndex={-1}
          className="px-2 py-1.5 text-muted"
        >
          {t("values:noOption")}
        </div>
      )}
    </div>
  );
}
