import { useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import type { Found, Video } from "../../api/client.ts";
import { hasWords } from "../search/query.ts";
import { hiddenRows, rowBehind } from "./hidden.ts";
import { countQuery, PAGE_ROWS, pageQuery, snippetsQuery } from "./pages.ts";
import { type Question, sameQuestion } from "./question.ts";
import { useDeletions } from "./use_deletions.ts";

/* Pages that are asked for before anybody has scrolled to them. */
const AHEAD = 2;

/**
 * The question whose answer is shown: that of before until the new one's is there, so that a table
 * never goes blank while somebody types.
 */
function useShown(asked: Question) {
  const [shown, setShown] = useState(asked);
  const count = useQuery(countQuery(asked));
  const first = useQuery(pageQuery(asked, 0));
  const isThere = count.data !== undefined && first.data !== undefined;
  const isOther = !sameQuestion(asked, shown);

  if (isOther && (isThere || asked.listId !== shown.listId)) {
    setShown(asked);
  }
  return {
    shown: isOther ? shown : asked,
    isBehind: isOther,
    error: count.error ?? first.error,
    retry: () => {
      void count.refetch();
      void first.refetch();
    },
  };
}

/** Pages of what is in sight, a little behind it and more ahead. */
function pagesAround(from: number, to: number, forward: boolean, total: number) {
  const last = Math.max(0, Math.ceil(total / PAGE_ROWS) - 1);
  const begin = Math.floor(from / PAGE_ROWS) - (forward ? 1 : AHEAD);
  const end = Math.floor(to / PAGE_ROWS) + (forward ? AHEAD : 1);
  const pages: number[] = [];

  for (let page = Math.max(0, begin); page <= Math.min(last, end); page++) {
    pages.push(page);
  }
  return pages;
}

export type Rows = {
  question: Question;
  total: number | undefined;
  /** undefined: not there yet. */
  at: (row: number) => Video | undefined;
  snippetOf: (row: number, id: string) => Found | undefined;
  hasSnippets: boolean;
  isBehind: boolean;
  error: Error | null;
  retry: () => void;
  look: (from: number, to: number) => void;
  /** The server's number of a row. */
  numberOf: (row: number) => number;
  /** Videos by id, with the server's numbers of their rows. Returns how these are shown again. */
  hide: (videos: Map<string, number> | "all") => () => void;
};

const noPages = new Map<number, Video[] | undefined>();

export function useRows(asked: Question): Rows {
  const { shown, isBehind, error, retry } = useShown(asked);
  const total = useQuery(countQuery(shown)).data;
  const [sight, setSight] = useState({ from: 0, to: 0, forward: true });
  const { deletions, hide } = useDeletions(shown);
  const words = hasWords(shown.q);

  const pages = useMemo(() => {
    const hidden = hiddenRows(deletions, shown, noPages, PAGE_ROWS);
    const number = (row: number) => (hidden === "all" ? row : rowBehind(hidden, row));
    return pagesAround(number(sight.from), number(sight.to), sight.forward, total ?? 1);
  }, [sight, total, deletions, shown]);
  const loaded = useQueries({
    queries: pages.map((page) => pageQuery(shown, page)),
    combine: useCallback(
      (results: { data: Video[] | undefined }[]) =>
        new Map(results.map((result, index) => [pages[index] ?? 0, result.data])),
      [pages],
    ),
  });
  const snippets = useQueries({
    queries: words ? pages.map((page) => snippetsQuery(shown, page, words)) : [],
    combine: useCallback(
      (results: { data: Map<string, Found> | undefined }[]) =>
        new Map(results.map((result, index) => [pages[index] ?? 0, result.data])),
      [pages],
    ),
  });

  const hidden = useMemo(
    () => hiddenRows(deletions, shown, loaded, PAGE_ROWS),
    [deletions, shown, loaded],
  );
  const numberOf = useCallback(
    (row: number) => (hidden === "all" ? row : rowBehind(hidden, row)),
    [hidden],
  );
  const at = useCallback(
    (row: number) => {
      const number = numberOf(row);
      return loaded.get(Math.floor(number / PAGE_ROWS))?.[number % PAGE_ROWS];
    },
    [loaded, numberOf],
  );
  const snippetOf = useCallback(
    (row: number, id: string) => snippets.get(Math.floor(numberOf(row) / PAGE_ROWS))?.get(id),
    [snippets, numberOf],
  );
  /* Only a page's edge that is passed is news. */
  const look = useCallback((from: number, to: number) => {
    setSight((before) => {
      const forward = from === before.from ? before.forward : from > before.from;
      const moves =
        Math.floor(from / PAGE_ROWS) !== Math.floor(before.from / PAGE_ROWS) ||
        Math.floor(to / PAGE_ROWS) !== Math.floor(before.to / PAGE_ROWS) ||
        forward !== before.forward;
      return moves ? { from, to, forward } : before;
    });
  }, []);
  const left = hidden === "all" ? 0 : Math.max(0, (total ?? 0) - hidden.length);

  return {
    question: shown,
    total: total === undefined ? undefined : left,
    at,
    snippetOf,
    hasSnippets: words,
    isBehind,
    error,
    retry,
    look,
    numberOf,
    hide,
  };
}
