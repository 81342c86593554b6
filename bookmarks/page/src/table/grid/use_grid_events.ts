import { type MouseEvent, useCallback } from "react";
import { useRoom } from "../room.ts";

/** What was pointed at: the grid alone listens, its cells are cheap. */
export function usePlace() {
  return (event: MouseEvent) => {
    const target = event.target as Element;
    const row = target.closest("[data-row]")?.getAttribute("data-row");
    return {
      row: row === null || row === undefined ? undefined : Number(row),
      column: target.closest("[data-column]")?.getAttribute("data-column") ?? undefined,
      isSelect: target.closest("[data-select]") !== null,
      isOpen: target.closest("[data-open]:not([data-row]),[data-column=thumbnail]") !== null,
      at: target.closest("[data-at]")?.getAttribute("data-at") ?? undefined,
      isLink: target.closest("a[href]") !== null,
    };
  };
}

export function useGridEvents() {
  const { rows, selection, focus, setLook, columns } = useRoom();
  const placeOf = usePlace();

  const open = useCallback(
    (row: number, at?: number) => {
      const video = rows.at(row);
      if (video) {
        focus.go(row);
        setLook({ video: video.id, at });
      }
    },
    [rows, focus, setLook],
  );

  const onClick = (event: MouseEvent) => {
    const place = placeOf(event);
    const video = place.row === undefined ? undefined : rows.at(place.row);
    if (!video || place.row === undefined || place.isLink) {
      return;
    }
    if (event.shiftKey) {
      void selection.extend(place.row);
    } else if (place.isSelect || event.ctrlKey || event.metaKey) {
      selection.toggle(video.id, place.row);
    } else if (place.at !== undefined) {
      open(place.row, Number(place.at));
    } else if (place.isOpen) {
      open(place.row);
    } else if (!(focus.isEditing && focus.row === place.row && focus.column === place.column)) {
      focus.go(place.row, place.column);
    }
  };

  const onDoubleClick = (event: MouseEvent) => {
    const place = placeOf(event);
    const column = columns.visible.find((one) => one.id === place.column);
    if (place.row !== undefined && column?.isEditable && !event.shiftKey && !place.isOpen) {
      focus.edit(place.row, column.id);
    }
  };
  /* Shift is for ranges of rows, not of text; and the keys stay with the table, not with a box of it. */
  const onMouseDown = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as Element;
    if (
      target.closest("[data-row] [data-select]") ||
      (event.shiftKey && target.closest("[data-row]"))
    ) {
      event.preventDefault();
      event.currentTarget.focus({ preventScroll: true });
    }
  };

  return { open, onClick, onDoubleClick, onMouseDown };
}
