import { minutesOf } from "../../values/parse.ts";

/*
 * What a person types into a cell, as the value of its field's type. Whether the field allows it, the
 * server says.
 */
export type Parsed = { value: unknown } | { isWrong: true };

const wrong: Parsed = { isWrong: true };

/** "1,5" is what a German types. */
function numberOf(text: string): Parsed {
  const value = Number(text.trim().replace(",", "."));
  return Number.isFinite(value) ? { value } : wrong;
}

function durationOf(text: string): Parsed {
  const value = minutesOf(text);
  return value === undefined ? wrong : { value };
}

export function parseValue(type: string, text: string): Parsed {
  if (text.trim() === "") {
    return { value: null };
  }
  switch (type) {
    case "number":
    case "rating":
      return numberOf(text);
    case "duration":
      return durationOf(text);
    default:
      return { value: text.trim() };
  }
}
