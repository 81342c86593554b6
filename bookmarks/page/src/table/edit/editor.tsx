import { useQuery } from "@tanstack/react-query";
import { tagsQuery } from "../../api/queries.ts";
import { asValue, type FieldShape, shapeOf, type Value } from "../../values/types.ts";
import { titleOf } from "../grid/cell.tsx";
import type { CellEditorProps } from "./cell_editor.tsx";
import { InCell } from "./in_cell.tsx";

/* What is of every video is edited as a field of one's own would be. */
const plain = { min: null, max: null, max_length: null, unit: null, options: [] };
const title: FieldShape = { ...plain, name: "", label: "", type: "text", max_length: 500 };
export const anyWords: FieldShape = { ...plain, name: "", label: "", type: "multi-select" };

const namesOf = (value: Value) => (Array.isArray(value) ? value : []);

export function Editor({ video, column, edits, onLeave }: CellEditorProps) {
  const { field } = column;
  const tags = useQuery({ ...tagsQuery, enabled: column.id === "tags" });
  const common = { label: column.label, onLeave };

  if (field) {
    return (
      <InCell
        {...common}
        field={shapeOf(field)}
        value={asValue(video.fields[field.name ?? ""]?.value)}
        onSave={(value) => edits.setValue(video, field, value)}
      />
    );
  }
  return column.id === "tags" ? (
    <InCell
      {...common}
      field={anyWords}
      value={(video.tags ?? []).map((tag) => tag.name)}
      suggestions={(tags.data ?? []).map((tag) => tag.name)}
      onSave={(names) => edits.setTags(video, namesOf(names), tags.data ?? [])}
    />
  ) : (
    <InCell
      {...common}
      field={title}
      value={titleOf(video)}
      onSave={(text) => edits.setTitle(video, text === null ? null : String(text))}
    />
  );
}
