import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { minutesText } from "../grid/words.ts";
import type { Leave } from "./editor.tsx";
import { parseValue } from "./parse.ts";

function textOf(type: string, value: unknown) {
  if (value === null || value === undefined) {
    return "";
  }
  return type === "duration" && typeof value === "number" ? minutesText(value) : String(value);
}

/** Text, numbers, durations, days and links: Enter saves, Escape leaves, so does going elsewhere - saved. */
export function TextEditor({
  type,
  value,
  label,
  maxLength,
  onSave,
  onLeave,
}: {
  type: string;
  value: unknown;
  label: string;
  maxLength?: number;
  onSave: (value: unknown) => void;
  onLeave: Leave;
}) {
  const { t } = useTranslation();
  const before = textOf(type, value);
  const [text, setText] = useState(before);
  const [isWrong, setWrong] = useState(false);
  const isOver = useRef(false);

  const finish = (to?: "next" | "before") => {
    const parsed = text === before ? undefined : parseValue(type, text);
    if (isOver.current) {
      return;
    }
    if (parsed && "isWrong" in parsed) {
      setWrong(true);
      return;
    }
    isOver.current = true;
    if (parsed) {
      onSave(parsed.value);
    }
    onLeave(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      finish(event.key === "Enter" ? undefined : event.shiftKey ? "before" : "next");
    } else if (event.key === "Escape") {
      isOver.current = true;
      onLeave();
    }
    event.stopPropagation();
  };

  return (
    <span className="absolute inset-0 z-20">
      <input
        ref={(input) => {
          input?.focus({ preventScroll: true });
        }}
        type={type === "date" ? "date" : "text"}
        inputMode={type === "number" ? "decimal" : type === "link" ? "url" : undefined}
        aria-label={label}
        aria-invalid={isWrong}
        className="size-full bg-raised px-2 text-ink shadow-raised outline-2 outline-accent -outline-offset-2 aria-[invalid=true]:outline-bad"
        value={text}
        maxLength={maxLength}
        onFocus={(event) => type !== "date" && event.currentTarget.select()}
        onChange={(event) => {
          setText(event.target.value);
          setWrong(false);
        }}
        onBlur={() => finish()}
        onKeyDown={onKeyDown}
      />
      {isWrong && (
        <span
          role="alert"
          className="absolute top-full left-0 z-30 mt-1 whitespace-nowrap rounded-md border bg-raised px-2 py-1 text-[13px] text-bad shadow-raised"
        >
          {t(`table:wrong.${type}`)}
        </span>
      )}
    </span>
  );
}
