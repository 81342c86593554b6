import type { Field } from "../../api/client.ts";
import { OPERATORS, PLACES, quoted, STATES, tokens } from "./query.ts";

export type Known = {
  tags: string[];
  channels: string[];
  lists: string[];
  fields: Field[];
};

export type Suggestion = {
  text: string;
  /** What a "tag" or a "field" is called where it is shown; undefined: it is only a text. */
  kind: "operator" | "value";
  /** Which part of the query it takes the place of. */
  from: number;
  to: number;
  /** Another one follows at once: "tag:" alone says nothing. */
  isOpen: boolean;
};

const MOST = 8;
const BOUNDS: Record<string, string[]> = {
  dur: ["<10m", "10m..30m", ">30m", ">1h"],
  views: [">1k", ">100k", ">1m"],
};

function dates(now: Date) {
  const day = (ago: number) =>
    new Date(now.getTime() - ago * 86_400_000).toISOString().slice(0, 10);
  return [`>${day(7)}`, `>${day(30)}`, `>${day(365)}`, String(now.getUTCFullYear())];
}

function compares(field: Field) {
  switch (field.type) {
    case "number":
    case "rating":
    case "duration":
    case "date":
      return ["=", ">", ">=", "<", "<="];
    case "select":
    case "multi-select":
    case "boolean":
      return ["=", "!="];
    default:
      return ["~", "="];
  }
}

function fieldWords(value: string, fields: Field[]): { text: string; isOpen: boolean }[] {
  const parts = /^([a-z0-9_]*)(!=|>=|<=|=|>|<|~)?(.*)$/i.exec(value);
  const name = parts?.[1] ?? "";
  const compare = parts?.[2];
  const field = fields.find((one) => one.name === name);

  if (!field) {
    return fields
      .filter((one) => one.name?.startsWith(name.toLowerCase()))
      .map((one) => ({ text: `field:${one.name}`, isOpen: true }));
  }
  if (!compare) {
    return [
      ...compares(field).map((one) => ({ text: `field:${name}${one}`, isOpen: true })),
      { text: `field:${name}`, isOpen: false },
    ];
  }
  const options = field.type === "boolean" ? ["true", "false"] : (field.options ?? []);
  const typed = (parts?.[3] ?? "").toLowerCase();
  return options
    .filter((option) => option.toLowerCase().includes(typed))
    .map((option) => ({ text: `field:${name}${compare}${quoted(option)}`, isOpen: false }));
}

function words(operator: string, value: string, known: Known, now: Date) {
  const all: Record<string, string[]> = {
    tag: known.tags,
    channel: known.channels,
    list: known.lists,
    is: [...STATES],
    in: [...PLACES],
    added: dates(now),
    published: dates(now),
    ...BOUNDS,
  };
  const typed = value.toLowerCase();

  return operator === "field"
    ? fieldWords(value, known.fields)
    : (all[operator] ?? [])
        .filter((word) => word.toLowerCase().includes(typed))
        .map((word) => ({ text: `${operator}:${quoted(word)}`, isOpen: false }));
}

/** What the word before the caret could become. */
export function suggest(query: string, caret: number, known: Known, now: Date): Suggestion[] {
  const token = tokens(query).find((one) => one.from < caret && caret <= one.to);
  const from = token?.from ?? caret;
  const to = token?.to ?? caret;
  const typed = token?.text.slice(0, caret - from).replace(/^-/, "") ?? "";
  const not = token?.isNot ? "-" : "";
  const found =
    token?.operator !== undefined
      ? words(token.operator, token.value, known, now)
      : OPERATORS.filter((one) => one.startsWith(typed.toLowerCase())).map((one) => ({
          text: `${one}:`,
          isOpen: true,
        }));

  return found
    .filter((one) => not + one.text !== token?.text)
    .slice(0, token?.operator === undefined ? OPERATORS.length : MOST)
    .map((one) => ({
      ...one,
      text: not + one.text,
      kind: token?.operator === undefined ? "operator" : "value",
      from,
      to,
    }));
}

/** The query with it, and where the caret is then. */
export function takeSuggestion(query: string, one: Suggestion) {
  const after = query.slice(one.to);
  const text = one.isOpen || after.startsWith(" ") ? one.text : `${one.text} `;

  return { query: query.slice(0, one.from) + text + after, caret: one.from + text.length };
}
