import {
  type ColumnDef,
  type ColumnSizingState,
  getCoreRowModel,
  useReactTable,
} from "@tanstack/react-table";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import * as v from "valibot";
import type { Field, Video } from "../../api/client.ts";
import { type Column, columnsOf } from "./columns.ts";

const storedSchema = v.object({
  order: v.array(v.string()),
  shown: v.record(v.string(), v.boolean()),
  sizes: v.record(v.string(), v.number()),
});
type Stored = v.InferOutput<typeof storedSchema>;

const NARROWEST = 56;
const WIDEST = 900;
const none: Video[] = [];

function read(key: string): Stored {
  try {
    return v.parse(storedSchema, JSON.parse(localStorage.getItem(key) ?? ""));
  } catch {
    return { order: [], shown: {}, sizes: {} };
  }
}

/** What is new comes where it would be without anybody's order. */
function inOrder(columns: Column[], order: string[]) {
  const ids = order.filter((id) => columns.some((column) => column.id === id));

  columns.forEach((column, place) => {
    if (!ids.includes(column.id)) {
      const before = columns[place - 1]?.id;
      ids.splice(before ? ids.indexOf(before) + 1 : 0, 0, column.id);
    }
  });
  return ids;
}

export type Columns = ReturnType<typeof useColumns>;

/** The columns of a list as a person wants them, remembered here. */
export function useColumns(listId: string | undefined, fields: Field[] | undefined) {
  const { t } = useTranslation();
  const key = `columns:${listId ?? "all"}`;
  const [state, setState] = useState({ key, stored: read(key) });
  const stored = state.key === key ? state.stored : read(key);
  if (state.key !== key) {
    setState({ key, stored });
  }

  const change = useCallback(
    (with_: (before: Stored) => Partial<Stored>) =>
      setState((before) => {
        const after = { ...before.stored, ...with_(before.stored) };
        localStorage.setItem(before.key, JSON.stringify(after));
        return { key: before.key, stored: after };
      }),
    [],
  );

  const all = useMemo(() => columnsOf(t, fields), [t, fields]);
  const order = useMemo(() => inOrder(all, stored.order), [all, stored.order]);
  const shown = useMemo(
    () => Object.fromEntries(all.map((one) => [one.id, stored.shown[one.id] ?? !one.isExtra])),
    [all, stored.shown],
  );
  const defs = useMemo(
    () =>
      all.map(
        (one): ColumnDef<Video> => ({
          id: one.id,
          size: one.width,
          minSize: NARROWEST,
          maxSize: WIDEST,
          enableResizing: one.id !== "thumbnail",
        }),
      ),
    [all],
  );
  const table = useReactTable({
    data: none,
    columns: defs,
    getCoreRowModel: getCoreRowModel(),
    columnResizeMode: "onChange",
    state: { columnOrder: order, columnVisibility: shown, columnSizing: stored.sizes },
    onColumnSizingChange: (next) =>
      change((before) => ({
        sizes: typeof next === "function" ? next(before.sizes as ColumnSizingState) : next,
      })),
  });

  const visible = useMemo(
    () => order.filter((id) => shown[id]).flatMap((id) => all.filter((column) => column.id === id)),
    [order, shown, all],
  );
  const show = useCallback(
    (id: string, isShown: boolean) =>
      change((before) => ({ shown: { ...before.shown, [id]: isShown } })),
    [change],
  );
  const arrange = useCallback((ids: string[]) => change(() => ({ order: ids })), [change]);
  const resize = useCallback(
    (id: string, width: number) =>
      change((before) => ({
        sizes: { ...before.sizes, [id]: Math.min(WIDEST, Math.max(NARROWEST, width)) },
      })),
    [change],
  );
  /** These and no others, as a view has them. */
  const showOnly = useCallback(
    (ids: string[]) =>
      change(() => ({
        order: ids,
        shown: Object.fromEntries(all.map((one) => [one.id, ids.includes(one.id)])),
      })),
    [change, all],
  );
  const reset = useCallback(() => change(() => ({ order: [], shown: {}, sizes: {} })), [change]);

  return { table, all, order, shown, visible, show, arrange, resize, showOnly, reset };
}
