import type { TFunction } from "i18next";
import type { Field, FieldType } from "../../api/client.ts";

export type Column = {
  id: string;
  label: string;
  width: number;
  /** What the server sorts by. */
  sort?: string;
  field?: Field;
  isRight?: boolean;
  isEditable: boolean;
  /** Not there unless somebody wants it. */
  isExtra?: boolean;
};

const built: Omit<Column, "label">[] = [
  { id: "thumbnail", width: 84, isEditable: false },
  { id: "title", width: 330, sort: "title", isEditable: true },
  { id: "list", width: 150, isEditable: false },
  { id: "channel", width: 156, sort: "channel", isEditable: false },
  { id: "duration", width: 92, sort: "duration", isEditable: false, isRight: true },
  { id: "published", width: 116, sort: "published", isEditable: false },
  { id: "status", width: 112, sort: "status", isEditable: false },
  { id: "tags", width: 150, isEditable: true },
  { id: "added", width: 116, sort: "added", isEditable: false, isExtra: true },
  { id: "views", width: 104, sort: "views", isEditable: false, isRight: true, isExtra: true },
  { id: "watched", width: 116, sort: "watched", isEditable: false, isExtra: true },
];

const widths: Record<FieldType, number> = {
  text: 200,
  select: 132,
  "multi-select": 190,
  number: 96,
  rating: 118,
  duration: 100,
  boolean: 100,
  date: 116,
  link: 180,
};

function ofField(field: Field): Column {
  return {
    id: `field:${field.name}`,
    label: field.label ?? field.name ?? "",
    width: widths[field.type ?? "text"],
    sort: `field:${field.name}`,
    field,
    isRight: field.type === "number" || field.type === "duration",
    isEditable: true,
  };
}

/** All columns that a list can show; `fields` is undefined over all lists, where the list is one. */
export function columnsOf(t: TFunction, fields: Field[] | undefined): Column[] {
  const own = built
    .filter((column) => column.id !== "list" || fields === undefined)
    .map((column) => ({ ...column, label: t(`table:column.${column.id}`) }));
  const place = own.findIndex((column) => column.id === "tags") + 1;

  return [...own.slice(0, place), ...(fields ?? []).map(ofField), ...own.slice(place)];
}

/* A view has the name of a field as it is, unless a column of ours is called the same. */
export const toViewColumn = (id: string) => {
  const name = id.replace(/^field:/, "");
  return built.some((column) => column.id === name) ? id : name;
};

export const fromViewColumn = (name: string) =>
  name.startsWith("field:") || built.some((column) => column.id === name) ? name : `field:${name}`;
