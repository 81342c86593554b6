import { expect, test } from "vitest";
import {
  type Cue,
  cueAt,
  hitsOf,
  marked,
} from "../../../bookmarks/page/src/detail/transcript/cues.ts";
import { kindOf, targetOf } from "../../../bookmarks/page/src/subscriptions/target.ts";

const cues: Cue[] = [
  { start_ms: 1000, end_ms: 2000, text: "Grüße an alle" },
  { start_ms: 3000, end_ms: 4000, text: "und alle, alle kommen" },
];

test("the line that is said is the last that has begun", () => {
  expect([0, 1000, 2500, 3000, 99_000].map((ms) => cueAt(cues, ms))).toEqual([-1, 0, 0, 1, 1]);
  expect(cueAt([], 5)).toBe(-1);
});

test("words are found whatever their case and accents", () => {
  expect(hitsOf(cues, "GRUSSE")).toEqual([]);
  expect(hitsOf(cues, "grußE")).toEqual([0]);
  expect(hitsOf(cues, "ALLE")).toEqual([0, 1]);
  expect(hitsOf(cues, " ")).toEqual([]);
});

test("every hit in a line is marked, and the line is all there", () => {
  expect(marked("und alle, alle kommen", "alle")).toEqual([
    "und ",
    "alle",
    ", ",
    "alle",
    " kommen",
  ]);
  expect(marked("nichts", "alle")).toEqual(["nichts"]);
});

test("an address of a channel or a playlist says which it is", () => {
  const channel = `UC${"x".repeat(22)}`;

  expect(targetOf("channel", `https://www.youtube.com/channel/${channel}/videos`)).toBe(channel);
  expect(targetOf("channel", "https://www.youtube.com/@name")).toBeUndefined();
  expect(targetOf("playlist", "https://youtu.be/x?list=PLabcdefghij&t=1")).toBe("PLabcdefghij");
  expect(targetOf("keyword", " sqlite wal ")).toBe("sqlite wal");
  expect(kindOf("https://www.youtube.com/playlist?list=PLabcdefghij")).toBe("playlist");
  expect(kindOf("sqlite")).toBeUndefined();
});
