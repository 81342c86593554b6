import { useCallback, useMemo, useState } from "react";

/** The row that the keys are about, and its cell; `column` is undefined for the row as a whole. */
type Place = { row: number; column: string | undefined };

export type Focus = ReturnType<typeof useFocus>;

export function useFocus(total: number, columns: string[]) {
  const [place, setPlace] = useState<Place>({ row: -1, column: undefined });
  const [editing, setEditing] = useState(false);
  const row = Math.min(place.row, total - 1);

  const go = useCallback((to: number, column?: string) => {
    setEditing(false);
    setPlace((before) => ({ row: Math.max(0, to), column: column ?? before.column }));
  }, []);
  const edit = useCallback((to: number, column: string) => {
    setPlace({ row: to, column });
    setEditing(true);
  }, []);
  const stopEditing = useCallback(() => setEditing(false), []);
  const leave = useCallback(() => {
    setEditing(false);
    setPlace({ row: -1, column: undefined });
  }, []);
  /** To the left or right of the cell; before the first there is the whole row. */
  const goSideways = useCallback(
    (by: 1 | -1) =>
      setPlace((before) => {
        const at = before.column ? columns.indexOf(before.column) : -1;
        const to = Math.min(columns.length - 1, Math.max(-1, at + by));
        return { row: Math.max(0, before.row), column: columns[to] };
      }),
    [columns],
  );

  return useMemo(
    () => ({
      row,
      column: place.column,
      isEditing: editing,
      go,
      goSideways,
      edit,
      stopEditing,
      leave,
    }),
    [row, place.column, editing, go, goSideways, edit, stopEditing, leave],
  );
}
