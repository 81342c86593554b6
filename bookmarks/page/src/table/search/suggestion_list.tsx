import { cn } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Suggestion } from "./suggest.ts";

/** Below the search box, whose arrow keys move in it. */
export function SuggestionList({
  id,
  suggestions,
  at,
  onPoint,
  onTake,
}: {
  id: string;
  suggestions: Suggestion[];
  at: number;
  onPoint: (at: number) => void;
  onTake: (at: number) => void;
}) {
  const { t } = useTranslation();

  return (
    <div
      id={`${id}-list`}
      role="listbox"
      aria-label={t("table:suggestions")}
      className="absolute top-full left-0 z-30 mt-1 max-h-80 w-full min-w-64 max-w-md overflow-y-auto rounded-lg border bg-raised p-1 shadow-raised"
    >
      {suggestions.map((one, place) => (
        <div
          key={one.text}
          id={`${id}-${place}`}
          role="option"
          tabIndex={-1}
          aria-selected={place === at}
          className={cn(
            "flex h-8 cursor-pointer items-center justify-between gap-4 rounded px-2",
            place === at && "bg-accent-soft text-accent-ink",
          )}
          onPointerMove={() => onPoint(place)}
          onPointerLeave={() => onPoint(-1)}
          onPointerDown={(event) => {
            event.preventDefault();
            onTake(place);
          }}
        >
          <span className="truncate font-mono text-[13px]">{one.text}</span>
          {one.kind === "operator" && (
            <span className="shrink-0 text-muted text-xs">
              {t(`table:operator.${one.text.replace(/[-:]/g, "")}`)}
            </span>
          )}
        </div>
      ))}
    </div>
  );
}
