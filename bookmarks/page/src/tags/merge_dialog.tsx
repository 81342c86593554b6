import { Button, Dialog, Field, Select } from "barq-web/kit";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tag } from "../api/client.ts";

/** Asks, since it cannot be undone: which videos had which of both nobody knows afterwards. */
export function MergeDialog({
  tag,
  others,
  onMerge,
  onClose,
}: {
  tag: Tag;
  others: Tag[];
  onMerge: (merge: { from: Tag; into: Tag }) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [id, setId] = useState<string>();
  const into = others.find((other) => other.id === id);
  const merge = () => {
    if (into) {
      onMerge({ from: tag, into });
      onClose();
    }
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={t("tags:mergeTitle", { tag: tag.name })}
      description={t("tags:mergeText", { tag: tag.name, count: tag.video_count })}
      className="sm:w-[28rem]"
      actions={
        <>
          <Button onClick={onClose}>{t("kit:cancel")}</Button>
          <Button look="primary" disabled={!into} onClick={merge}>
            {t("tags:merge")}
          </Button>
        </>
      }
    >
      <Field label={t("tags:into")}>
        {(wires) => (
          <Select
            id={wires.id}
            value={id}
            placeholder={t("tags:chooseTag")}
            choices={others.map((other) => ({ value: other.id, label: other.name }))}
            onChange={setId}
          />
        )}
      </Field>
    </Dialog>
  );
}
