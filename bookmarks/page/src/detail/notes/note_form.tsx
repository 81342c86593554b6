import { Button, Checkbox, clockTime, Textarea } from "barq-web/kit";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

/**
 * Where a note is written. `at` is the time it may have: that of the player for a new one, its own for one
 * that is changed; undefined: none to be had.
 */
export function NoteForm({
  text: before = "",
  at,
  isTimed,
  isBusy,
  onSave,
  onCancel,
}: {
  text?: string;
  at: number | undefined;
  isTimed: boolean;
  isBusy?: boolean;
  onSave: (text: string, at: number | null) => void;
  onCancel?: () => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState(before);
  const [withTime, setWithTime] = useState(isTimed);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() !== "" && !isBusy) {
      onSave(text.trim(), withTime && at !== undefined ? Math.floor(at) : null);
      if (!onCancel) {
        setText("");
      }
    }
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <Textarea
        aria-label={t("detail:notes.text")}
        placeholder={t("detail:notes.placeholder")}
        maxLength={16384}
        autoFocus={onCancel !== undefined}
        className="field-sizing-content max-h-72 min-h-18 resize-none py-2"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            submit();
          } else if (event.key === "Escape" && onCancel) {
            event.stopPropagation();
            onCancel();
          }
        }}
      />
      <div className="flex flex-wrap items-center gap-2">
        {at !== undefined && (
          <span className="flex min-h-8 items-center gap-2">
            <Checkbox
              id={id}
              checked={withTime}
              onCheckedChange={(checked) => setWithTime(checked === true)}
            />
            <label htmlFor={id} className="text-[13px] tabular-nums">
              {t("detail:notes.at", { time: clockTime(at) })}
            </label>
          </span>
        )}
        <span className="flex-1" />
        {onCancel && (
          <Button size="sm" look="quiet" onClick={onCancel}>
            {t("kit:cancel")}
          </Button>
        )}
        <Button
          type="submit"
          size="sm"
          look="primary"
          title={t("detail:notes.saveKeys")}
          disabled={text.trim() === "" || isBusy}
        >
          {t(onCancel ? "kit:save" : "detail:notes.add")}
        </Button>
      </div>
    </form>
  );
}
