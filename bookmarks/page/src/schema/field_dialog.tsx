import {
  Button,
  Checkbox,
  Dialog,
  ErrorNote,
  Field,
  Input,
  Problem,
  Select,
  Textarea,
} from "barq-web/kit";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Field as ListField } from "../api/client.ts";
import { changeOf, type Draft, draftOf, type Type, types } from "./draft.ts";
import { TypeParts } from "./type_parts.tsx";
import { useSaveField } from "./use_field_changes.ts";

/** Values that the change would lose: how many the server says, and what may be done. */
function Misfit({ error, onAside }: { error: Problem; onAside: () => void }) {
  const { t } = useTranslation();

  return (
    <div role="alert" className="flex flex-col gap-2 rounded-md bg-warn-soft p-3 text-warn">
      <p className="font-medium">{error.message}</p>
      <p className="text-[13px]">{t("schema:asideText")}</p>
      <Button className="self-start" onClick={onAside}>
        {t("schema:aside")}
      </Button>
    </div>
  );
}

/** Makes a field, or changes `field`. */
export function FieldDialog({
  listId,
  field,
  onClose,
}: {
  listId: string;
  field: ListField | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const form = useId();
  const [draft, setDraft] = useState<Draft>(() => draftOf(field ?? {}));
  const [isNoJson, setNoJson] = useState(false);
  const save = useSaveField(listId);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const store = (more: { set_aside?: boolean }) => {
    try {
      setNoJson(false);
      save.mutate({ id: field?.id, body: { ...changeOf(draft), ...more } }, { onSuccess: onClose });
    } catch {
      setNoJson(true);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    store({});
  };
  const misfit =
    save.error instanceof Problem && save.error.code === "values_do_not_fit"
      ? save.error
      : undefined;
  const check = (name: "required" | "show_on_card") => (
    <div className="flex items-center gap-2.5">
      <Checkbox
        id={`${form}-${name}`}
        checked={draft[name]}
        onCheckedChange={(now) => change({ [name]: now === true })}
      />
      <label htmlFor={`${form}-${name}`}>{t(`schema:part.${name}`)}</label>
    </div>
  );

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={field ? t("schema:editTitle", { label: field.label }) : t("schema:newTitle")}
      actions={
        <>
          <Button onClick={onClose}>{t("kit:cancel")}</Button>
          <Button
            type="submit"
            form={form}
            look="primary"
            disabled={save.isPending || draft.label.trim() === ""}
          >
            {t("kit:save")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("schema:part.label")}>
            {(wires) => (
              <Input
                {...wires}
                autoFocus
                value={draft.label}
                onChange={(event) => change({ label: event.target.value })}
              />
            )}
          </Field>
          <Field label={t("schema:part.type")}>
            {({ id }) => (
              <Select
                id={id}
                value={draft.type}
                choices={types.map((value) => ({ value, label: t(`schema:type.${value}`) }))}
                onChange={(value) => change({ type: value as Type })}
              />
            )}
          </Field>
        </div>
        <TypeParts draft={draft} onChange={change} />
        <Field label={t("schema:part.instruction")} hint={t("schema:instructionHint")}>
          {(wires) => (
            <Textarea
              {...wires}
              value={draft.instruction}
              onChange={(event) => change({ instruction: event.target.value })}
            />
          )}
        </Field>
        <div className="flex flex-wrap gap-x-6 gap-y-3">
          {check("required")}
          {check("show_on_card")}
        </div>
        <details>
          <summary className="text-muted">{t("schema:part.rule")}</summary>
          <Field
            label={t("schema:ruleLabel")}
            hint={t("schema:ruleHint")}
            error={isNoJson ? t("schema:ruleNoJson") : undefined}
            className="mt-2"
          >
            {(wires) => (
              <Textarea
                {...wires}
                rows={6}
                spellCheck={false}
                className="min-h-20 py-2 font-mono text-[13px]"
                value={draft.rule}
                onChange={(event) => change({ rule: event.target.value })}
              />
            )}
          </Field>
        </details>
        {misfit && <Misfit error={misfit} onAside={() => store({ set_aside: true })} />}
        {save.error && !misfit && <ErrorNote error={save.error} />}
      </form>
    </Dialog>
  );
}
