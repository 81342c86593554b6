import { useCallback, useMemo, useState } from "react";
import { videosBetween } from "../rows/pages.ts";
import type { Rows } from "../rows/use_rows.ts";

/* What the server takes at once; more than that is "all that match". */
export const MOST_SELECTED = 10_000;

type State = {
  /** All that match the question, whether they were ever in sight or not. */
  all: boolean;
  /** By id, with the row each was in. */
  ids: Map<string, number>;
  /** From where Shift goes. */
  anchor: number | undefined;
};

const nothing: State = { all: false, ids: new Map(), anchor: undefined };

export type Selection = ReturnType<typeof useSelection>;

export function useSelection(rows: Rows) {
  const [state, setState] = useState(nothing);
  const { question, at, total } = rows;

  const toggle = useCallback((id: string, row: number) => {
    setState((before) => {
      const ids = new Map(before.all ? [] : before.ids);
      if (!ids.delete(id)) {
        ids.set(id, row);
      }
      return { all: false, ids, anchor: row };
    });
  }, []);

  /** All from where the last one was selected to `row`, also those that were never in sight. */
  const extend = useCallback(
    async (row: number) => {
      const anchor = state.anchor ?? row;
      const from = Math.min(anchor, row);
      const to = Math.min(Math.max(anchor, row), from + MOST_SELECTED - 1);
      const here = Array.from({ length: to - from + 1 }, (_, place) => at(from + place)?.id);
      const ids = here.every((id) => id !== undefined)
        ? here
        : (await videosBetween(question, rows.numberOf(from), rows.numberOf(to))).map(
            ({ id }) => id,
          );

      setState((before) => ({
        all: false,
        ids: new Map([
          ...(before.all ? [] : before.ids),
          ...ids.map((id, place) => [id, from + place] as const),
        ]),
        anchor,
      }));
    },
    [state.anchor, at, question, rows.numberOf],
  );

  /** Those that are loaded around what is in sight; "all that match" is another step. */
  const selectLoaded = useCallback(() => {
    setState((before) => {
      const ids = new Map<string, number>();
      for (let row = 0; row < Math.min(total ?? 0, MOST_SELECTED); row++) {
        const id = at(row)?.id;
        if (id) {
          ids.set(id, row);
        }
      }
      return { ...before, all: false, ids };
    });
  }, [at, total]);

  const selectAll = useCallback(() => setState((before) => ({ ...before, all: true })), []);
  const clear = useCallback(() => setState(nothing), []);

  return useMemo(
    () => ({
      isAll: state.all,
      ids: state.ids,
      count: state.all ? (total ?? 0) : state.ids.size,
      has: (id: string) => state.all || state.ids.has(id),
      toggle,
      extend,
      selectLoaded,
      selectAll,
      clear,
    }),
    [state, total, toggle, extend, selectLoaded, selectAll, clear],
  );
}
