import { cn } from "barq-web/kit";
import { t } from "i18next";
import { Star } from "lucide-react";
import type { KeyboardEvent } from "react";
import { focusNow } from "./focus.ts";

/* Of a star that is half full the left half is. */
function OneStar({ full }: { full: number }) {
  return (
    <span className="relative inline-flex">
      <Star className="size-4 text-line-strong" aria-hidden />
      {full > 0 && (
        <span className="absolute inset-0 overflow-hidden" style={{ width: `${full * 100}%` }}>
          <Star className="size-4 fill-current text-warn" aria-hidden />
        </span>
      )}
    </span>
  );
}

/** A rating as stars; of more than six the number says more. */
export function Stars({ value, best }: { value: number; best: number }) {
  const words = t("values:rating", { value, best });
  const marks = Array.from({ length: Math.ceil(best) }, (_, index) => index);

  if (best > 6) {
    return (
      <span className="inline-flex items-center gap-1 tabular-nums" role="img" aria-label={words}>
        <OneStar full={1} />
        {t("values:ratingShort", { value, best })}
      </span>
    );
  }
  return (
    <span className="inline-flex items-center" role="img" aria-label={words} title={words}>
      {marks.map((mark) => (
        <OneStar key={mark} full={Math.max(0, Math.min(1, value - mark))} />
      ))}
    </span>
  );
}

/** Stars to be pressed: the one that is set takes the rating away. Arrows and digits do, too. */
export function StarsEditor({
  value,
  best,
  label,
  autoFocus,
  onChange,
  onCancel,
}: {
  value: number | null;
  best: number;
  label: string;
  autoFocus?: boolean;
  onChange: (value: number | null) => void;
  onCancel: () => void;
}) {
  const marks = Array.from({ length: Math.floor(best) }, (_, index) => index + 1);
  const set = (mark: number) => onChange(mark === value || mark < 1 ? null : Math.min(mark, best));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const mark = /^\d$/.test(event.key) ? Number(event.key) : step && (value ?? 0) + step;

    if (event.key === "Escape") {
      event.stopPropagation();
      onCancel();
    } else if (mark !== undefined) {
      event.preventDefault();
      onChange(mark < 1 ? null : Math.min(mark, best));
    }
  };

  return (
    <fieldset aria-label={label} onKeyDown={onKeyDown} className="-ml-1 inline-flex flex-wrap">
      {marks.map((mark) => (
        <button
          key={mark}
          type="button"
          ref={autoFocus && mark === Math.max(1, Math.round(value ?? 1)) ? focusNow : undefined}
          aria-pressed={value === mark}
          aria-label={t("values:rating", { value: mark, best })}
          onClick={() => set(mark)}
          className="rounded p-1 hover:scale-110 max-sm:p-2"
        >
          <Star
            className={cn(
              "size-4",
              value !== null && mark <= Math.round(value)
                ? "fill-current text-warn"
                : "text-line-strong",
            )}
            aria-hidden
          />
        </button>
      ))}
    </fieldset>
  );
}
