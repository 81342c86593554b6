import { expect, test } from "vitest";
import { pieces } from "../../../bookmarks/page/src/detail/description/pieces.ts";

const kinds = (text: string, duration?: number) =>
  pieces(text, duration).map((piece) => `${piece.kind}:${piece.text}`);

test("addresses end where their sentence does", () => {
  expect(kinds("See https://a.example/x?y=1. More (https://b.example/a_(b)) there")).toEqual([
    "text:See ",
    "link:https://a.example/x?y=1",
    "text:. More (",
    "link:https://b.example/a_(b)",
    "text:) there",
  ]);
});

test("times of the video are found, and nothing else that has colons", () => {
  expect(pieces("0:00 Start\n1:02:03 End, at 12:75 o'clock, ratio 1:2:3:4", 4000)).toMatchObject([
    { kind: "time", seconds: 0 },
    { kind: "text" },
    { kind: "time", seconds: 3723 },
    { kind: "text" },
  ]);
});

test("a time behind the end of the video is text", () => {
  expect(kinds("At 12:30 sharp", 60)).toEqual(["text:At 12:30 sharp"]);
});

test("a text is all there, whatever is in it", () => {
  const text = "a https://x.example/, 0:01 b <script> 99:99 \u{1F600}";

  expect(
    pieces(text)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});
