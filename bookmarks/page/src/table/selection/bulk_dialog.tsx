import { Button, Dialog } from "barq-web/kit";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRoom } from "../room.ts";
import type { BulkQuestion } from "./bulk_bar.tsx";
import { type Answer, FieldBox, ListBox, TagsBox } from "./bulk_boxes.tsx";
import { useBulk } from "./use_bulk.ts";

/** Asks for what an action needs: which tags, which list, which value. */
export function BulkDialog({ question, onDone }: { question: BulkQuestion; onDone: () => void }) {
  const { t } = useTranslation();
  const { selection } = useRoom();
  const { run } = useBulk();
  const [answer, setAnswer] = useState<Answer>({
    tags: [],
    list: undefined,
    field: undefined,
    value: null,
  });
  const change = (part: Partial<Answer>) => setAnswer((before) => ({ ...before, ...part }));
  const isTags = question === "tag" || question === "untag";
  const isList = question === "move" || question === "copy";
  const isReady = isTags
    ? answer.tags.length > 0
    : isList
      ? answer.list !== undefined
      : answer.field !== undefined;

  const submit = () => {
    onDone();
    if (isTags) {
      void run({ action: question, tag_ids: answer.tags });
    } else if (isList) {
      void run({ action: question, to_list_id: answer.list ?? "" });
      if (question === "move") {
        selection.clear();
      }
    } else {
      const fields = { [answer.field?.name ?? ""]: answer.value as never };
      void run({ action: "set", fields });
    }
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onDone()}
      title={t(`table:ask.${question}`, { count: selection.count })}
      className="sm:w-[26rem]"
      actions={
        <>
          <Button onClick={onDone}>{t("kit:cancel")}</Button>
          <Button look="primary" disabled={!isReady} onClick={submit}>
            {t(`table:ok.${question}`)}
          </Button>
        </>
      }
    >
      {isTags && (
        <TagsBox
          isGiving={question === "tag"}
          answer={answer}
          onChange={(tags) => change({ tags })}
        />
      )}
      {isList && <ListBox answer={answer} onChange={(list) => change({ list })} />}
      {question === "set" && <FieldBox answer={answer} onChange={change} />}
    </Dialog>
  );
}
