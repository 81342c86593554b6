import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Field, Video } from "../../api/client.ts";
import { tagsQuery } from "../../api/queries.ts";
import type { Column } from "../columns/columns.ts";
import { titleOf } from "../grid/cell.tsx";
import { OptionEditor } from "./option_editor.tsx";
import { RatingEditor } from "./rating_editor.tsx";
import { TextEditor } from "./text_editor.tsx";
import type { Edits } from "./use_edits.ts";

/** How an editor is left: with Tab another one follows. */
export type Leave = (to?: "next" | "before") => void;

const namesOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

/** The editor of one field: `onSave` is given its value, or null for none. */
export function FieldEditor({
  field,
  value,
  label,
  onSave,
  onLeave,
}: {
  field: Field;
  value: unknown;
  label: string;
  onSave: (value: unknown) => void;
  onLeave: Leave;
}) {
  const { t } = useTranslation();
  const common = { label, onLeave };

  switch (field.type) {
    case "boolean": {
      const words = [t("table:yes"), t("table:no")];
      const now = typeof value === "boolean" ? [words[value ? 0 : 1] ?? ""] : [];
      return (
        <OptionEditor
          {...common}
          chosen={now}
          options={words}
          onSave={([word]) => onSave(word === undefined ? null : word === words[0])}
        />
      );
    }
    case "select":
      return (
        <OptionEditor
          {...common}
          chosen={value ? [String(value)] : []}
          options={field.options ?? []}
          onSave={([word]) => onSave(word ?? null)}
        />
      );
    case "multi-select":
      return (
        <OptionEditor
          {...common}
          isMany
          isOpen={!field.options?.length}
          chosen={namesOf(value)}
          options={field.options ?? []}
          onSave={(words) => onSave(words.length > 0 ? words : null)}
        />
      );
    case "rating":
      return (
        <RatingEditor
          {...common}
          value={typeof value === "number" ? value : 0}
          of={field.max ?? 5}
          onSave={onSave}
        />
      );
    default:
      return (
        <TextEditor
          {...common}
          type={field.type ?? "text"}
          value={value}
          onSave={onSave}
          maxLength={field.max_length ?? undefined}
        />
      );
  }
}

/** The editor of a cell. */
export function CellEditor(props: { video: Video; column: Column; edits: Edits; onLeave: Leave }) {
  const { video, column, edits, onLeave } = props;
  const { field } = column;
  const tags = useQuery({ ...tagsQuery, enabled: column.id === "tags" });

  if (field) {
    return (
      <FieldEditor
        field={field}
        value={video.fields[field.name ?? ""]?.value}
        label={column.label}
        onSave={(value) => edits.setValue(video, field, value)}
        onLeave={onLeave}
      />
    );
  }
  return column.id === "tags" ? (
    <OptionEditor
      isMany
      isOpen
      label={column.label}
      chosen={(video.tags ?? []).map((tag) => tag.name)}
      options={(tags.data ?? []).map((tag) => tag.name)}
      onSave={(names) => edits.setTags(video, names, tags.data ?? [])}
      onLeave={onLeave}
    />
  ) : (
    <TextEditor
      type="text"
      label={column.label}
      value={titleOf(video)}
      maxLength={500}
      onSave={(title) => edits.setTitle(video, title as string | null)}
      onLeave={onLeave}
    />
  );
}
