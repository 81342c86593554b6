import { cn, Input, Textarea } from "barq-web/kit";
import { type FocusEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EditorProps } from "./editor.tsx";
import { parse, textOf } from "./parse.ts";
import { isSame } from "./types.ts";

const hints: Partial<Record<string, string>> = { duration: "values:durationHint" };
const modes = { number: "decimal", link: "url" } as const;

/** A box to write in: texts, numbers, durations, dates, links. */
export function BoxEditor({
  field,
  value,
  label,
  autoFocus,
  onSave,
  onCancel,
}: EditorProps & { label: string }) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => textOf(field, value));
  const [wrong, setWrong] = useState<string>();
  const isOver = useRef(false); /* a box that goes away is left, too */
  const id = useId();

  const cancel = () => {
    isOver.current = true;
    onCancel();
  };
  const save = () => {
    if (isOver.current) {
      return;
    }
    const parsed = parse(field, text);
    if ("wrong" in parsed) {
      setWrong(t(`values:${parsed.wrong}`, parsed.with ?? {}));
    } else if (isSame(parsed.value, value)) {
      cancel();
    } else {
      isOver.current = true;
      onSave(parsed.value);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      cancel();
    } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      save();
    }
  };
  const wires = {
    value: text,
    autoFocus,
    /* As in a spreadsheet: who writes, writes anew. */
    onFocus: (event: FocusEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      autoFocus && field.type !== "date" && event.currentTarget.select(),
    onKeyDown,
    onBlur: save,
    onChange: (event: { target: { value: string } }) => {
      isOver.current = false;
      setWrong(undefined);
      setText(event.target.value);
    },
    "aria-label": label,
    "aria-invalid": wrong !== undefined,
    "aria-describedby": wrong ? id : undefined,
  };

  return (
    <div className="min-w-0 flex-1">
      {field.type === "text" ? (
        <Textarea
          {...wires}
          rows={1}
          /* As high as what is in it. */
          className="field-sizing-content block max-h-60 min-h-9 resize-none py-1.5"
        />
      ) : (
        <Input
          {...wires}
          type={field.type === "date" ? "date" : "text"}
          inputMode={modes[field.type as keyof typeof modes]}
          placeholder={t(hints[field.type] ?? "values:nothing")}
          className={cn("tabular-nums", field.type !== "link" && "max-w-56")}
        />
      )}
      {wrong && (
        <p id={id} role="alert" className="mt-1 text-[13px] text-bad">
          {wrong}
        </p>
      )}
    </div>
  );
}
