import { type RefObject, useCallback, useRef } from "react";
import type { Leave } from "../edit/in_cell.tsx";
import { useRoom } from "../room.ts";

/** Where an editor is left to: the next cell that can be edited, also of the next row, or its own. */
export function useLeave(box: RefObject<HTMLElement | null>): Leave {
  const { focus, columns, rows } = useRoom();
  const latest = useRef({ focus, columns, rows });
  latest.current = { focus, columns, rows };

  return useCallback(
    (to) => {
      const now = latest.current;
      const editable = now.columns.visible.filter((column) => column.isEditable);
      const at = editable.findIndex((column) => column.id === now.focus.column);

      if (!to || at < 0) {
        now.focus.stopEditing();
        box.current?.focus({ preventScroll: true });
        return;
      }
      const step = to === "next" ? 1 : -1;
      const next = at + step;
      const row = now.focus.row + (next < 0 ? -1 : next >= editable.length ? 1 : 0);
      const column = editable.at(next < 0 ? -1 : next % editable.length);
      if (column && row >= 0 && row < (now.rows.total ?? 0)) {
        now.focus.edit(row, column.id);
      } else {
        now.focus.stopEditing();
        box.current?.focus({ preventScroll: true });
      }
    },
    [box],
  );
}
