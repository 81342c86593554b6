import { useMutation } from "@tanstack/react-query";
import { ask, Badge, Button, Dialog, ErrorNote, Field, Textarea } from "barq-web/kit";
import { Check, Plus, Sparkles } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import type { FieldDefinition } from "./draft.ts";
import { useSaveField } from "./use_field_changes.ts";

/** A field that the model proposes: to take, or to leave. */
function Proposed({ listId, field }: { listId: string; field: FieldDefinition }) {
  const { t } = useTranslation();
  const save = useSaveField(listId);

  return (
    <li className="flex flex-col gap-2 rounded-lg border p-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{field.label}</span>
        <Badge>{t(`schema:type.${field.type ?? "text"}`)}</Badge>
        <Button
          size="sm"
          className="ml-auto max-sm:h-9"
          disabled={save.isPending || save.isSuccess}
          aria-label={t("schema:takeNamed", { label: field.label })}
          onClick={() => save.mutate({ body: field })}
        >
          {save.isSuccess ? <Check /> : <Plus />}
          {t(save.isSuccess ? "schema:taken" : "schema:take")}
        </Button>
      </div>
      {field.instruction && <p className="text-[13px] text-muted">{field.instruction}</p>}
      {field.options && field.options.length > 0 && (
        <ul className="flex flex-wrap gap-1">
          {field.options.map((option) => (
            <li key={option}>
              <Badge tone="accent">{option}</Badge>
            </li>
          ))}
        </ul>
      )}
      {save.error && <ErrorNote error={save.error} />}
    </li>
  );
}

/** A sentence says what the list is for; a model says which fields it could have. */
export function ProposeDialog({ listId, onClose }: { listId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [sentence, setSentence] = useState("");
  const propose = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/lists/{id}/fields/propose", {
          params: { path: { id: listId } },
          body: { sentence: sentence.trim() },
        }),
      ),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    propose.mutate();
  };

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("schema:bySentence")}
      description={t("schema:proposeAbout")}
      actions={<Button onClick={onClose}>{t("kit:close")}</Button>}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field label={t("schema:sentence")}>
          {(wires) => (
            <Textarea
              {...wires}
              autoFocus
              required
              maxLength={4000}
              placeholder={t("schema:sentenceExample")}
              value={sentence}
              onChange={(event) => setSentence(event.target.value)}
            />
          )}
        </Field>
        <Button
          type="submit"
          look="primary"
          className="self-start"
          disabled={propose.isPending || sentence.trim() === ""}
        >
          <Sparkles />
          {t(propose.isPending ? "schema:thinking" : "schema:propose")}
        </Button>
      </form>
      <div aria-live="polite" className="mt-4 flex flex-col gap-3">
        {propose.error && <ErrorNote error={propose.error} />}
        {propose.data && (
          <>
            <p className="text-[13px] text-muted">
              {t("schema:proposedBy", { model: propose.data.model })}
            </p>
            <ul className="flex flex-col gap-2">
              {propose.data.fields.map((field) => (
                <Proposed key={field.name} listId={listId} field={field} />
              ))}
            </ul>
            {propose.data.dropped.map(({ name, detail }) => (
              <p key={`${name} ${detail}`} className="text-[13px] text-muted">
                {t("schema:droppedField", { name, detail })}
              </p>
            ))}
          </>
        )}
      </div>
    </Dialog>
  );
}
