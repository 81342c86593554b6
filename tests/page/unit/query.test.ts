import { expect, test } from "vitest";
import {
  finished,
  hasWords,
  placeOf,
  quoted,
  tokens,
  without,
  withPart,
} from "../../../bookmarks/page/src/table/search/query.ts";

test("a query is taken apart at blanks that no quotes hold together", () => {
  const query = 'python "type hints" -draft tag:"to read" -is:failed field:level=hard';

  expect(tokens(query).map((token) => [token.operator, token.isNot, token.value])).toEqual([
    [undefined, false, "python"],
    [undefined, false, "type hints"],
    [undefined, true, "draft"],
    ["tag", false, "to read"],
    ["is", true, "failed"],
    ["field", false, "level=hard"],
  ]);
  for (const token of tokens(query)) {
    expect(query.slice(token.from, token.to)).toBe(token.text);
  }
});

test("an unfinished quote goes to the end", () => {
  expect(tokens('tag:"to re').map((token) => token.value)).toEqual(["to re"]);
});

test("only words that are to be there can be shown where they are", () => {
  expect(hasWords("tag:a dur:>10m")).toBe(false);
  expect(hasWords("-draft")).toBe(false);
  expect(hasWords("tag:a python")).toBe(true);
});

test("a part is taken away with its blanks, and comes in once", () => {
  const query = "python tag:a is:failed";
  const part = tokens(query)[1];

  expect(part && without(query, part)).toBe("python is:failed");
  expect(withPart(query, "tag:a")).toBe(query);
  expect(withPart("", "tag:a")).toBe("tag:a");
});

test("what a query would fall apart at is quoted", () => {
  expect(quoted("later")).toBe("later");
  expect(quoted("to read")).toBe('"to read"');
  expect(quoted("a:b")).toBe('"a:b"');
});

test("what has only begun is not asked yet", () => {
  expect(finished("python is:")).toBe("python");
  expect(finished('field:level= "two words"')).toBe('"two words"');
  expect(finished("is:failed")).toBe("is:failed");
});

test("a refusal says where it was", () => {
  expect(placeOf("At character 8: is:nix is nothing")).toEqual({
    at: 7,
    text: "is:nix is nothing",
  });
  expect(placeOf("There is no such list")).toBeUndefined();
});
