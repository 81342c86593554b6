import { cn } from "barq-web/kit";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Leave } from "./editor.tsx";

/** Stars: arrows or digits choose, Enter saves; 0 is none. */
export function RatingEditor({
  value,
  of,
  label,
  onSave,
  onLeave,
}: {
  value: number;
  of: number;
  label: string;
  onSave: (value: number | null) => void;
  onLeave: Leave;
}) {
  const { t } = useTranslation();
  const [stars, setStars] = useState(value);
  const isOver = useRef(false);

  const finish = (to: number, where?: "next" | "before") => {
    if (!isOver.current) {
      isOver.current = true;
      if (to !== value) {
        onSave(to === 0 ? null : to);
      }
      onLeave(where);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];

    event.stopPropagation();
    if (step) {
      setStars(Math.min(of, Math.max(0, stars + step)));
    } else if (/^\d$/.test(event.key)) {
      setStars(Math.min(of, Number(event.key)));
    } else if (event.key === "Backspace" || event.key === "Delete") {
      setStars(0);
    } else if (event.key === "Enter") {
      finish(stars);
    } else if (event.key === "Tab") {
      finish(stars, event.shiftKey ? "before" : "next");
    } else if (event.key === "Escape") {
      isOver.current = true;
      onLeave();
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <span
      ref={(box) => {
        box?.focus({ preventScroll: true });
      }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={of}
      aria-valuenow={stars}
      aria-valuetext={t("table:stars", { value: stars, of })}
      className="absolute inset-0 z-20 flex items-center bg-raised px-2 outline-2 outline-accent -outline-offset-2"
      onKeyDown={onKeyDown}
      onBlur={() => finish(stars)}
    >
      {Array.from({ length: of }, (_, place) => place + 1).map((star) => (
        <button
          key={star}
          type="button"
          tabIndex={-1}
          aria-hidden
          className={cn("px-0.5 text-base", star <= stars ? "text-accent" : "text-line-strong")}
          onPointerDown={(event) => {
            event.preventDefault();
            finish(star === value ? 0 : star);
          }}
        >
          ★
        </button>
      ))}
    </span>
  );
}
