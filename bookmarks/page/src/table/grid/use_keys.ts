import { useHotkeys } from "barq-web/kit";
import { useEffect } from "react";
import { fetchEditor } from "../edit/cell_editor.tsx";
import type { Edits } from "../edit/use_edits.ts";
import { useRoom } from "../room.ts";
import { useDelete } from "../selection/use_delete.ts";

/** The keys of a mail reader, for the table and for the cards. */
export function useKeys({
  edits,
  open,
  perRow = 1,
}: {
  edits: Edits;
  open: (row: number) => void;
  /** Cards stand side by side. */
  perRow?: number;
}) {
  const { rows, focus, selection, look, setLook, columns } = useRoom();
  const remove = useDelete();
  const last = (rows.total ?? 0) - 1;
  const video = focus.row >= 0 ? rows.at(focus.row) : undefined;

  const go = (to: number) => {
    const row = Math.min(last, Math.max(0, to));
    focus.go(row);
    /* The panel beside the list follows. */
    const next = rows.at(row);
    if (look.video && next) {
      setLook({ video: next.id, at: undefined }, { replace: true });
    }
  };
  const edit = () => {
    const editable = columns.visible.filter((column) => column.isEditable);
    const column =
      editable.find((one) => one.id === focus.column) ??
      editable.find((one) => one.field) ??
      editable[0];
    if (video && column) {
      focus.edit(focus.row, column.id);
    }
  };
  const enter = () => {
    const column = columns.visible.find((one) => one.id === focus.column);
    if (column?.isEditable && column.id !== "title") {
      edit();
    } else if (video) {
      open(focus.row);
    }
  };
  const leave = () => {
    if (selection.count > 0) {
      selection.clear();
    } else if (look.video) {
      setLook({ video: undefined, at: undefined });
    } else {
      focus.leave();
    }
  };

  const keys = {
    j: () => go(focus.row + 1),
    k: () => go(focus.row - 1),
    ArrowDown: () => go(focus.row + perRow),
    ArrowUp: () => go(focus.row - perRow),
    ArrowRight: () => (perRow > 1 ? go(focus.row + 1) : focus.goSideways(1)),
    ArrowLeft: () => (perRow > 1 ? go(focus.row - 1) : focus.goSideways(-1)),
    PageDown: () => go(focus.row + 12),
    PageUp: () => go(focus.row - 12),
    g: () => go(0),
    Home: () => go(0),
    G: () => go(last),
    End: () => go(last),
    Enter: (event: KeyboardEvent) => {
      /* A button that has the focus is what is meant. */
      const isControl = (event.target as Element).closest("button,a,[role=separator]");
      if (isControl) {
        (isControl as HTMLElement).click();
      } else {
        enter();
      }
    },
    e: edit,
    x: () => video && selection.toggle(video.id, focus.row),
    X: () => video && void selection.extend(focus.row),
    w: () => video && edits.setWatched(video, !video.watched_at),
    "#": () => (selection.count > 0 ? remove.selected() : video && remove.one(video.id, focus.row)),
    Escape: leave,
  };
  const isReached = focus.row >= 0;

  useEffect(() => {
    if (isReached) {
      fetchEditor();
    }
  }, [isReached]);
  useHotkeys(keys);
}
