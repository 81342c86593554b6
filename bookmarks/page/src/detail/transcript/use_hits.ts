import { useDeferredValue, useMemo, useState } from "react";
import { type Cue, hitsOf } from "./cues.ts";

const none: Cue[] = [];

export type Search = ReturnType<typeof useHits>;

/** Words looked for in a transcript, and which of their hits is shown. */
export function useHits(cues: Cue[] = none) {
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const wanted = useDeferredValue(words);
  const hits = useMemo(() => hitsOf(cues, wanted), [cues, wanted]);
  const place = hits.length > 0 ? at % hits.length : 0;

  return {
    words,
    count: hits.length,
    /** From 1; 0: there is none. */
    number: hits.length > 0 ? place + 1 : 0,
    /** The cue to be shown. */
    hit: hits[place],
    find: (text: string) => {
      setWords(text);
      setAt(0);
    },
    step: (by: 1 | -1) => setAt((place + by + hits.length) % Math.max(1, hits.length)),
  };
}
