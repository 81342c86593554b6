import { type Question, sameQuestion } from "./question.ts";

/*
 * Videos that were deleted and may still come back: the server has them until nobody has taken it
 * back, the table does not. Each deletion is undone or done by itself.
 */
export type Deletion = {
  /** What the table showed then. */
  question: Question;
  /** By id, with the server's number of its row; "all": whatever the question finds. */
  videos: "all" | Map<string, number>;
};

type Pages = Map<number, { id: string }[] | undefined>;

/*
 * Rows move while a deletion may be undone: another one is done, a run adds videos. What is loaded says where
 * a video is by now; what is not loaded is where it was.
 */
function numbersOf(pages: Pages, pageRows: number) {
  const numbers = new Map<string, number>();

  for (const [page, videos] of pages) {
    for (const [at, video] of (videos ?? []).entries()) {
      numbers.set(video.id, page * pageRows + at);
    }
  }
  return numbers;
}

/** The server's numbers, in order, of the rows that are not shown; "all": none is. */
export function hiddenRows(
  deletions: Deletion[],
  question: Question,
  pages: Pages,
  pageRows: number,
): number[] | "all" {
  const hidden = new Set<number>();
  const now = deletions.length > 0 ? numbersOf(pages, pageRows) : new Map<string, number>();
  const isLoaded = (row: number) => pages.get(Math.floor(row / pageRows)) !== undefined;

  for (const deletion of deletions) {
    const isHere = sameQuestion(deletion.question, question);
    if (deletion.videos === "all") {
      if (isHere) {
        return "all";
      }
      continue;
    }
    for (const [id, before] of deletion.videos) {
      const row = now.get(id) ?? (isHere && !isLoaded(before) ? before : undefined);
      if (row !== undefined) {
        hidden.add(row);
      }
    }
  }
  return [...hidden].sort((a, b) => a - b);
}

/** The row of the server that is shown as the table's `row`. */
export function rowBehind(hidden: number[], row: number) {
  let low = 0;
  let high = hidden.length;

  /* How many hidden rows are before it: the first k for which hidden[k] - k is more than `row`. */
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hidden[middle] ?? 0) - middle <= row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return row + low;
}
