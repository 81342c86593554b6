import { expect, test } from "vitest";
import { optionsFor } from "../../../bookmarks/page/src/values/options.ts";
import { minutesOf, parse, textOf } from "../../../bookmarks/page/src/values/parse.ts";
import type { FieldShape } from "../../../bookmarks/page/src/values/types.ts";

const field = (more: Partial<FieldShape>): FieldShape => ({
  name: "x",
  label: "X",
  type: "text",
  options: [],
  min: null,
  max: null,
  max_length: null,
  unit: null,
  ...more,
});

test("a duration is read as people write it, in minutes", () => {
  const read = ["90", "1:30", "1h 30m", "1.5 h", "2h", "45 min", "1,5h", "x", "1:2:3:4", ""].map(
    minutesOf,
  );

  expect(read).toEqual([90, 90, 90, 90, 120, 45, 90, undefined, undefined, undefined]);
});

test("a number keeps to its bounds and says which", () => {
  const bounded = field({ type: "number", min: 1, max: 5 });

  expect(parse(bounded, "3,5")).toEqual({ value: 3.5 });
  expect(parse(bounded, "6")).toEqual({ wrong: "tooMuch", with: { max: 5 } });
  expect(parse(bounded, "0")).toEqual({ wrong: "tooLittle", with: { min: 1 } });
  expect(parse(bounded, "three")).toEqual({ wrong: "notNumber" });
});

test("nothing written takes the value away", () => {
  expect(parse(field({ type: "number" }), "  ")).toEqual({ value: null });
});

test("an address needs no https before it, and no script is one", () => {
  expect(parse(field({ type: "link" }), "a.example/b")).toEqual({ value: "https://a.example/b" });
  expect(parse(field({ type: "link" }), "javascript:alert(1)")).toEqual({ wrong: "notLink" });
});

test("a text is as long as its field allows, in characters as people count them", () => {
  expect(parse(field({ max_length: 2 }), "\u{1F600}\u{1F600}")).toEqual({
    value: "\u{1F600}\u{1F600}",
  });
  expect(parse(field({ max_length: 2 }), "abc")).toEqual({ wrong: "tooLong", with: { max: 2 } });
});

test("what a box shows is read back as it was", () => {
  const duration = field({ type: "duration" });

  for (const minutes of [5, 59, 60, 90, 605]) {
    expect(parse(duration, textOf(duration, minutes))).toEqual({ value: minutes });
  }
});

test("options are found by what is in them, those that begin with it first, whatever the accents", () => {
  const items = optionsFor({ options: ["deep dive", "Étude", "dee"] }, "de", [], []);

  expect(items.map((item) => item.option)).toEqual(["deep dive", "dee", "Étude"]);
});

test("where any words may be, what is not there can be made", () => {
  expect(optionsFor({ options: [] }, "new", [], ["old"])).toEqual([
    { option: "new", isChosen: false, isNew: true },
  ]);
  expect(optionsFor({ options: [] }, "OLD", [], ["old"])).toEqual([
    { option: "old", isChosen: false, isNew: false },
  ]);
});
