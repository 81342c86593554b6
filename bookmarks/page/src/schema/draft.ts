import type { components } from "../api/schema.ts";

export type FieldChange = components["schemas"]["FieldChange"];
export type FieldDefinition = components["schemas"]["FieldDefinition"];
export type Type = components["schemas"]["FieldType"];

export const types: Type[] = [
  "text",
  "select",
  "multi-select",
  "number",
  "rating",
  "duration",
  "boolean",
  "date",
  "link",
];

/** A field as it is being typed. */
export type Draft = {
  label: string;
  type: Type;
  required: boolean;
  show_on_card: boolean;
  instruction: string;
  /** One a line. */
  options: string;
  min: string;
  max: string;
  max_length: string;
  unit: string;
  /** As JSON. */
  rule: string;
};

export function draftOf(field: Partial<FieldDefinition>): Draft {
  const text = (value: number | string | null | undefined) => (value == null ? "" : String(value));

  return {
    label: text(field.label),
    type: field.type ?? "text",
    required: field.required ?? false,
    show_on_card: field.show_on_card ?? false,
    instruction: text(field.instruction),
    options: (field.options ?? []).join("\n"),
    min: text(field.min),
    max: text(field.max),
    max_length: text(field.max_length),
    unit: text(field.unit),
    rule: field.rule ? JSON.stringify(field.rule, null, 2) : "",
  };
}

export const has = {
  options: (type: Type) => type === "select" || type === "multi-select",
  bounds: (type: Type) => type === "number" || type === "duration",
  stars: (type: Type) => type === "rating",
  length: (type: Type) => type === "text",
  unit: (type: Type) => type === "number",
};

export function optionsOf(text: string) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Throws a SyntaxError when the rule is no JSON. What its type does not have is taken away. */
export function changeOf(draft: Draft): FieldChange {
  const { type } = draft;
  const number = (text: string, isThere: boolean) =>
    isThere && text.trim() !== "" ? Number(text) : null;

  return {
    label: draft.label.trim(),
    type,
    required: draft.required,
    show_on_card: draft.show_on_card,
    instruction: draft.instruction.trim() === "" ? null : draft.instruction.trim(),
    options: has.options(type) ? optionsOf(draft.options) : null,
    min: number(draft.min, has.bounds(type)),
    max: number(draft.max, has.bounds(type) || has.stars(type)),
    max_length: number(draft.max_length, has.length(type)),
    unit: has.unit(type) && draft.unit.trim() !== "" ? draft.unit.trim() : null,
    rule: draft.rule.trim() === "" ? null : (JSON.parse(draft.rule) as Record<string, never>),
  };
}
