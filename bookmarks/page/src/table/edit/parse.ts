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

/** Minutes of "90", "1:30:00", "45:10", "1h 30m", "90 min". */
export function minutesOf(text: string): Parsed {
  const trimmed = text.trim().toLowerCase();
  const clock = /^(?:(\d+):)?(\d{1,3}):(\d\d)$/.exec(trimmed);
  const words = /^(?:(\d+(?:[.,]\d+)?)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?$/.exec(trimmed);

  if (clock) {
    const minutes = Number(clock[1] ?? 0) * 60 + Number(clock[2]) + Number(clock[3]) / 60;
    return { value: Math.round(minutes * 100) / 100 };
  }
  if (words && (words[1] || words[2])) {
    return { value: Number((words[1] ?? "0").replace(",", ".")) * 60 + Number(words[2] ?? 0) };
  }
  return numberOf(trimmed);
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
      return minutesOf(text);
    default:
      return { value: text.trim() };
  }
}
