import { expect, test } from "vitest";
import { nextSort } from "../../../bookmarks/page/src/table/columns/next_sort.ts";
import { parseValue } from "../../../bookmarks/page/src/table/edit/parse.ts";
import {
  hideRows,
  nothingHidden,
  rowBehind,
} from "../../../bookmarks/page/src/table/rows/hidden.ts";

test("rows close up over those that are hidden", () => {
  const hidden = hideRows(hideRows(nothingHidden, [5, 2]), [3, 2]);

  expect([0, 1, 2, 3, 4].map((row) => rowBehind(hidden, row))).toEqual([0, 1, 4, 6, 7]);
  expect(rowBehind(nothingHidden, 99_999)).toBe(99_999);
});

test("a column's head sorts up, down and not at all", () => {
  expect(nextSort(undefined, "title")).toBe("title");
  expect(nextSort("title", "title")).toBe("-title");
  expect(nextSort("-title", "title")).toBeUndefined();
  expect(nextSort("-views", "title")).toBe("title");
});

test("durations are read as everywhere else", () => {
  expect(parseValue("duration", "1:30")).toEqual({ value: 90 });
  expect(parseValue("duration", "1 h 20 min")).toEqual({ value: 80 });
  expect(parseValue("duration", "soon")).toEqual({ isWrong: true });
});

test("nothing typed is no value, and numbers may have a comma", () => {
  expect(parseValue("number", " ")).toEqual({ value: null });
  expect(parseValue("number", "1,5")).toEqual({ value: 1.5 });
  expect(parseValue("number", "many")).toEqual({ isWrong: true });
  expect(parseValue("text", " a ")).toEqual({ value: "a" });
});
