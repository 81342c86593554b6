import { useQuery } from "@tanstack/react-query";
import { Select } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Field } from "../../api/client.ts";
import { listsQuery, tagsQuery } from "../../api/queries.ts";
import { asValue, shapeOf } from "../../values/types.ts";
import { FieldValue } from "../../values/value.tsx";
import { anyWords } from "../edit/editor.tsx";
import { InCell } from "../edit/in_cell.tsx";
import { useRoom } from "../room.ts";
import { Box } from "./box.tsx";

export type Answer = {
  tags: string[];
  list: string | undefined;
  field: Field | undefined;
  value: unknown;
};

export function TagsBox({
  isGiving,
  answer,
  onChange,
}: {
  /** What is given may be new; what is taken is there. */
  isGiving: boolean;
  answer: Answer;
  onChange: (tags: string[]) => void;
}) {
  const { t } = useTranslation();
  const known = (useQuery(tagsQuery).data ?? []).map((tag) => tag.name);

  return (
    <Box
      label={t("table:whichTags")}
      text={answer.tags.join(", ") || <span className="text-muted">{t("table:noValue")}</span>}
    >
      {(leave) => (
        <InCell
          field={isGiving ? anyWords : { ...anyWords, options: known }}
          label={t("table:whichTags")}
          value={answer.tags}
          suggestions={known}
          onSave={(names) => onChange(Array.isArray(names) ? names : [])}
          onLeave={leave}
        />
      )}
    </Box>
  );
}

export function FieldBox({
  answer,
  onChange,
}: {
  answer: Answer;
  onChange: (part: Partial<Answer>) => void;
}) {
  const { t } = useTranslation();
  const { fields = [] } = useRoom();
  const { field, value } = answer;

  return (
    <div className="flex flex-col gap-3">
      <Select
        label={t("table:whichField")}
        placeholder={t("table:whichField")}
        value={field?.id}
        choices={fields.map((one) => ({ value: one.id, label: one.label ?? one.id }))}
        onChange={(id) => onChange({ field: fields.find((one) => one.id === id), value: null })}
      />
      {field && (
        <Box
          label={field.label ?? ""}
          text={
            value === null ? (
              <span className="text-muted">{t("table:noValue")}</span>
            ) : (
              <FieldValue field={shapeOf(field)} value={asValue(value)} oneLine />
            )
          }
        >
          {(leave) => (
            <InCell
              field={shapeOf(field)}
              value={asValue(value)}
              label={field.label ?? ""}
              onSave={(next) => onChange({ value: next })}
              onLeave={leave}
            />
          )}
        </Box>
      )}
    </div>
  );
}

export function ListBox({
  answer,
  onChange,
}: {
  answer: Answer;
  onChange: (list: string) => void;
}) {
  const { t } = useTranslation();
  const { listId } = useRoom();
  const lists = useQuery(listsQuery);

  return (
    <Select
      label={t("table:whichList")}
      placeholder={t("table:whichList")}
      value={answer.list}
      choices={(lists.data ?? [])
        .filter((list) => list.id !== listId)
        .map((list) => ({ value: list.id, label: list.name }))}
      onChange={onChange}
    />
  );
}
