import { useCallback, useState } from "react";
import type { Deletion } from "./hidden.ts";
import type { Question } from "./question.ts";

/** The deletions that may still be taken back. */
export function useDeletions(question: Question) {
  const [deletions, setDeletions] = useState<Deletion[]>([]);
  const hide = useCallback(
    (videos: Deletion["videos"]) => {
      const deletion = { question, videos };
      setDeletions((before) => [...before, deletion]);
      return () => setDeletions((before) => before.filter((one) => one !== deletion));
    },
    [question],
  );

  return { deletions, hide };
}
