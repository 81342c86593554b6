import { expect, test } from "vitest";
import { nextSort } from "../../../bookmarks/page/src/table/columns/next_sort.ts";
import {
  type Deletion,
  hiddenRows,
  rowBehind,
} from "../../../bookmarks/page/src/table/rows/hidden.ts";

const PAGE = 3;
const question = { listId: "list", q: "", sort: undefined };
const deletion = (videos: Record<string, number>): Deletion => ({
  question,
  videos: new Map(Object.entries(videos)),
});
const page = (...ids: string[]) => ids.map((id) => ({ id }));
const none = new Map<number, { id: string }[]>();

test("rows close up over those that are hidden", () => {
  const hidden = hiddenRows([deletion({ a: 5, b: 2 }), deletion({ c: 3 })], question, none, PAGE);

  expect(hidden).toEqual([2, 3, 5]);
  expect([0, 1, 2, 3, 4].map((row) => rowBehind(hidden as number[], row))).toEqual([0, 1, 4, 6, 7]);
  expect(rowBehind([], 99_999)).toBe(99_999);
});

test("a hidden video is hidden where it is by now", () => {
  const deletions = [deletion({ b: 1 }), deletion({ d: 3 })];

  /* The first deletion is done: the server has closed up, the second is still hidden, nothing else is. */
  const after = new Map([
    [0, page("a", "c", "d")],
    [1, page("e", "f")],
  ]);
  expect(hiddenRows(deletions, question, after, PAGE)).toEqual([2]);
  /* What is not loaded is where it was, unless another question is asked. */
  expect(hiddenRows(deletions, question, new Map([[0, page("a", "b", "c")]]), PAGE)).toEqual([
    1, 3,
  ]);
  expect(hiddenRows(deletions, { ...question, q: "is:failed" }, none, PAGE)).toEqual([]);
});

test("all that a question finds are hidden for it alone", () => {
  const all: Deletion = { question, videos: "all" };

  expect(hiddenRows([all], { ...question }, none, PAGE)).toBe("all");
  expect(hiddenRows([all], { ...question, q: "is:failed" }, none, PAGE)).toEqual([]);
});

test("a column's head sorts up, down and not at all", () => {
  expect(nextSort(undefined, "title")).toBe("title");
  expect(nextSort("title", "title")).toBe("-title");
  expect(nextSort("-title", "title")).toBeUndefined();
  expect(nextSort("-views", "title")).toBe("title");
});
