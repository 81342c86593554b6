import { Button, IconButton, Input, Kbd, useHotkeys } from "barq-web/kit";
import { CornerDownLeft, FileUp, Plus } from "lucide-react";
import { type ClipboardEvent, type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFilePicker } from "./file_picker.tsx";
import { keepLastList } from "./last_list.ts";
import { sourcesOf } from "./source.ts";
import { useIntake } from "./use_intake.tsx";

/** One input that takes anything; so does the page around it, what is pasted or dropped there. */
export function AddBox({ listId }: { listId: string | null }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const { take, isBusy, parts } = useIntake(listId);
  const files = useFilePicker(take);

  useHotkeys({ a: () => input.current?.focus() });
  useEffect(() => {
    if (listId) {
      keepLastList(listId);
    }
  }, [listId]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") {
      take([{ name: "", body: text }]);
      setText("");
    }
  };
  /* An input has one line, and would make one of many. */
  const paste = (event: ClipboardEvent) => {
    const sources = sourcesOf(event.clipboardData);
    if (sources.some(({ body }) => typeof body !== "string" || body.trim().includes("\n"))) {
      event.preventDefault();
      take(sources);
    }
  };

  return (
    <>
      <form onSubmit={submit} className="flex w-full items-center gap-2">
        <div className="relative min-w-0 flex-1">
          <Plus
            aria-hidden
            className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted"
          />
          <Input
            ref={input}
            aria-label={t("intake:box")}
            placeholder={t("intake:placeholder")}
            className="peer pr-9 pl-8 text-ellipsis"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            enterKeyHint="go"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onPaste={paste}
            onKeyDown={(event) => event.key === "Escape" && input.current?.blur()}
          />
          {text === "" && (
            <Kbd aria-hidden className="absolute top-2 right-2 peer-focus:hidden max-sm:hidden">
              a
            </Kbd>
          )}
        </div>
        {text.trim() !== "" && (
          <Button type="submit" look="primary" disabled={isBusy}>
            <CornerDownLeft />
            {t("intake:add")}
          </Button>
        )}
        <IconButton label={t("intake:files")} look="plain" onClick={files.open}>
          <FileUp />
        </IconButton>
        {files.input}
      </form>
      {parts}
    </>
  );
}
