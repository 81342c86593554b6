import { bestRating, type FieldShape, type Value } from "./types.ts";

/** A value that was read, or the key of the text (in `values:`) that says what is wrong with it. */
export type Parsed = { value: Value } | { wrong: string; with?: Record<string, string | number> };

/* "1,5" is one and a half to half of the world; a comma before three digits is not taken for thousands. */
function numberOf(text: string) {
  const plain = text.trim().replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}

/** "90", "1:30", "1h 30m", "1.5 h", "45 min", in minutes. */
export function minutesOf(text: string) {
  const clock = /^\s*(\d+):(\d{1,2})(?::(\d{1,2}))?\s*$/.exec(text);
  if (clock) {
    return Number(clock[1]) * 60 + Number(clock[2]) + Number(clock[3] ?? 0) / 60;
  }
  const parts =
    /^\s*(?:([\d.,]+)\s*(?:h|hours?|std|stunden?)\.?)?\s*(?:([\d.,]+)\s*(?:m|min|minutes?|minuten?)?\.?)?\s*$/i.exec(
      text,
    );
  if (!parts || (parts[1] === undefined && parts[2] === undefined)) {
    return undefined;
  }
  const hours = numberOf(parts[1] ?? "0");
  const minutes = numberOf(parts[2] ?? "0");
  return hours === undefined || minutes === undefined ? undefined : hours * 60 + minutes;
}

function within(
  number: number | undefined,
  min: number | null,
  max: number | null,
  wrong: string,
): Parsed {
  if (number === undefined || !Number.isFinite(number)) {
    return { wrong };
  }
  if (min !== null && number < min) {
    return { wrong: "tooLittle", with: { min } };
  }
  if (max !== null && number > max) {
    return { wrong: "tooMuch", with: { max } };
  }
  return { value: number };
}

function link(text: string): Parsed {
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;

  return /^https?:\/\/[^\s<>"\\^`{|}/?#]+[^\s<>"\\^`{|}]*$/.test(whole)
    ? { value: whole }
    : { wrong: "notLink" };
}

/** What a person wrote into the box of a field. Nothing written takes the value away. */
export function parse(field: FieldShape, text: string): Parsed {
  const words = text.trim();

  if (words === "") {
    return { value: null };
  }
  switch (field.type) {
    case "number":
      return within(numberOf(words), field.min, field.max, "notNumber");
    case "rating":
      return within(numberOf(words), field.min ?? 0, bestRating(field), "notNumber");
    case "duration":
      return within(minutesOf(words), field.min ?? 0, field.max, "notDuration");
    case "date":
      return /^\d{4}-\d\d-\d\d$/.test(words) ? { value: words } : { wrong: "notDate" };
    case "link":
      return link(words);
    default:
      return field.max_length !== null && [...words].length > field.max_length
        ? { wrong: "tooLong", with: { max: field.max_length } }
        : { value: words };
  }
}

/** A value as its box shows it, to be edited. */
export function textOf(field: FieldShape, value: Value) {
  if (value === null || Array.isArray(value)) {
    return "";
  }
  if (field.type === "duration" && typeof value === "number" && value >= 60) {
    const minutes = Math.round((value % 60) * 100) / 100;
    return minutes === 0 ? `${Math.floor(value / 60)}h` : `${Math.floor(value / 60)}h ${minutes}m`;
  }
  return String(value);
}
