import type { Schemas } from "../../api/client.ts";

export type Cue = Schemas["Transcript"]["cues"][number];

/** The cue that is said at `ms`, or was last before; -1: none yet. Cues are in the order of their starts. */
export function cueAt(cues: readonly Cue[], ms: number) {
  let low = 0;
  let high = cues.length;

  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cues[middle]?.start_ms ?? 0) <= ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

export function fold(text: string) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Which cues have the words, whatever their case and accents. */
export function hitsOf(cues: readonly Cue[], words: string) {
  const wanted = fold(words.trim());

  return wanted === ""
    ? []
    : cues.flatMap((cue, index) => (fold(cue.text).includes(wanted) ? [index] : []));
}

/** The text in pieces; every second one is a hit. Accents may make a piece a letter off, never the text. */
export function marked(text: string, words: string): string[] {
  const wanted = fold(words.trim());
  const folded = fold(text);

  if (wanted === "" || folded.length !== text.length) {
    return wanted !== "" && folded.includes(wanted) ? ["", text] : [text];
  }
  const parts: string[] = [];
  let from = 0;
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}

/** All of it as text, a line a cue. */
export function textOf(cues: readonly Cue[], clock?: (seconds: number) => string) {
  return cues
    .map((cue) => (clock ? `${clock(cue.start_ms / 1000)} ${cue.text}` : cue.text))
    .join("\n");
}
