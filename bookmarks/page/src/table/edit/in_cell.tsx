import { type FocusEvent, type KeyboardEvent, useRef } from "react";
import { FieldEditor } from "../../values/editor.tsx";
import { type FieldShape, isSame, type Value } from "../../values/types.ts";

/** How an editor is left: with Tab another one follows. */
export type Leave = (to?: "next" | "before") => void;

/**
 * The editor of a value, over its cell. What is written is saved when the focus goes; stars, and yes and no,
 * are saved when they are pressed, and stay until they are left.
 */
export function InCell({
  field,
  value,
  label,
  suggestions,
  onSave,
  onLeave,
}: {
  field: FieldShape;
  value: Value;
  label: string;
  suggestions?: string[];
  onSave: (value: Value) => void;
  onLeave: Leave;
}) {
  const to = useRef<"next" | "before">(undefined);
  const isOver = useRef(false);
  const isPressed = field.type === "rating" || field.type === "boolean";

  const leave = () => {
    if (!isOver.current) {
      isOver.current = true;
      onLeave(to.current);
    }
  };
  const onKeyDownCapture = (event: KeyboardEvent) => {
    if (event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      to.current = event.shiftKey ? "before" : "next";
      const box = document.activeElement as HTMLElement;
      box.blur();
      if (!isOver.current) {
        /* It has something to say against what is written. */
        to.current = undefined;
        box.focus();
      }
    } else if (isPressed && event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      leave();
    }
  };
  const onBlur = (event: FocusEvent<HTMLElement>) => {
    if (isPressed && !event.currentTarget.contains(event.relatedTarget)) {
      leave();
    }
  };

  return (
    <fieldset
      className="absolute inset-x-0 top-0 z-20 flex min-h-full items-center bg-raised p-0.5 text-left shadow-raised"
      onKeyDownCapture={onKeyDownCapture}
      onKeyDown={(event) => event.stopPropagation() /* the table's keys are not meant */}
      onBlur={onBlur}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <FieldEditor
        field={field}
        value={value}
        label={label}
        suggestions={suggestions}
        autoFocus
        onSave={(next) => {
          if (!isSame(next, value)) {
            onSave(next);
          }
          if (!isPressed) {
            leave();
          }
        }}
        onCancel={leave}
      />
    </fieldset>
  );
}
