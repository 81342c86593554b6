import type { Field, Schemas } from "../api/client.ts";

/** What of a field says how its values look and are edited. */
export type FieldShape = Pick<
  Schemas["FieldDefinition"],
  "name" | "label" | "type" | "options" | "min" | "max" | "max_length" | "unit"
>;

/** A list's field as it comes, of which not all need be there. */
export function shapeOf(field: Field): FieldShape {
  return {
    name: field.name ?? "",
    label: field.label ?? "",
    type: field.type ?? "text",
    options: field.options ?? [],
    min: field.min ?? null,
    max: field.max ?? null,
    max_length: field.max_length ?? null,
    unit: field.unit ?? null,
  };
}

/** A value as it is stored: a duration in minutes, a date like "2026-11-30"; null: none. */
export type Value = string | number | boolean | string[] | null;

/** A value, and who said so. */
export type SaidValue = Schemas["Values"][string];

/** The API has values of any type; what is none of ours is shown as nothing. */
export function asValue(value: unknown): Value {
  if (Array.isArray(value)) {
    return value.filter((one): one is string => typeof one === "string");
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : null;
}

export function isEmpty(value: Value) {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

export function isSame(a: unknown, b: unknown) {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** How many marks a rating has at best. */
export function bestRating(field: Pick<FieldShape, "max">) {
  return field.max ?? 5;
}
