import { clockTime } from "barq-web/kit";
import i18next from "i18next";

/* Making an Intl object costs more than a row of cells: one of each a language. */
const made = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

function keep<Format extends Intl.DateTimeFormat | Intl.NumberFormat>(
  name: string,
  make: (language: string) => Format,
): Format {
  const key = `${name} ${i18next.language}`;
  const had = made.get(key) as Format | undefined;
  const format = had ?? make(i18next.language);

  made.set(key, format);
  return format;
}

/** "3 Apr 2024" */
export function dayText(at: string) {
  return keep(
    "day",
    (language) => new Intl.DateTimeFormat(language, { dateStyle: "medium" }),
  ).format(new Date(at));
}

/** The same of a day without a time, which is nobody's time zone. */
export function dateText(day: string) {
  const at = new Date(`${day}T00:00:00Z`);

  return Number.isNaN(at.getTime())
    ? day
    : keep(
        "date",
        (language) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }),
      ).format(at);
}

export function instantText(at: string) {
  return keep(
    "instant",
    (language) => new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" }),
  ).format(new Date(at));
}

/** "1.2M" */
export function shortNumber(value: number) {
  return keep(
    "short",
    (language) =>
      new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }),
  ).format(value);
}

export function numberText(value: number) {
  /* 2024 is rather a year than 2,024 of something. */
  return keep(
    value >= 10_000 ? "large" : "number",
    (language) =>
      new Intl.NumberFormat(language, { maximumFractionDigits: 6, useGrouping: value >= 10_000 }),
  ).format(value);
}

/** "1:02:03"; nothing of nothing. */
export function clock(seconds: number | null | undefined) {
  return typeof seconds === "number" ? clockTime(seconds) : "";
}
