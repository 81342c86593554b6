import { expect, test } from "vitest";
import type { Field } from "../../../bookmarks/page/src/api/client.ts";
import {
  type Known,
  suggest,
  takeSuggestion,
} from "../../../bookmarks/page/src/table/search/suggest.ts";

const field = (name: string, type: string, options: string[] | null = null) =>
  ({ id: name, name, label: name, type, options }) as Field;
const known: Known = {
  tags: ["later", "to read"],
  channels: ["Fireship"],
  lists: ["Talks"],
  fields: [field("level", "select", ["easy", "very hard"]), field("score", "number")],
};
const now = new Date("2026-11-30T12:00:00Z");
const texts = (query: string, caret = query.length) =>
  suggest(query, caret, known, now).map((one) => one.text);

test("an empty box offers the operators, a letter those that begin so", () => {
  expect(texts("")).toContain("tag:");
  expect(texts("du")).toEqual(["dur:"]);
  expect(texts("python t")).toEqual(["tag:"]);
});

test("behind an operator come its values, quoted where they must be", () => {
  expect(texts("tag:")).toEqual(["tag:later", 'tag:"to read"']);
  expect(texts("-tag:re")).toEqual(['-tag:"to read"']);
  expect(texts("is:f")).toEqual(["is:failed"]);
});

test("a field is named, compared and given one of its options", () => {
  expect(texts("field:")).toEqual(["field:level", "field:score"]);
  expect(texts("field:score")).toContain("field:score>=");
  expect(texts("field:level=")).toEqual(["field:level=easy", 'field:level="very hard"']);
});

test("a suggestion takes the place of the word that it was made for", () => {
  const query = "is:f python";
  const first = suggest(query, 4, known, now)[0];

  expect(first && takeSuggestion(query, first)).toEqual({ query: "is:failed python", caret: 9 });
});

test("days are counted back from today", () => {
  expect(texts("added:")).toEqual([
    "added:>2026-11-23",
    "added:>2026-10-31",
    "added:>2025-11-30",
    "added:2026",
  ]);
});
