import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { listsQuery } from "../../api/queries.ts";
import type { Leave } from "../edit/in_cell.tsx";
import { useEdits } from "../edit/use_edits.ts";
import { useRoom } from "../room.ts";
import { Head } from "./head.tsx";
import { Row, WaitingRow } from "./row.tsx";
import { CHECK_PX, FOUND_ROW_PX, HEAD_PX, OVERSCAN, ROW_PX } from "./sizes.ts";
import { useGridEvents } from "./use_grid_events.ts";
import { useKeys } from "./use_keys.ts";
import { useLeave } from "./use_leave.ts";

/** Widths as variables: while a column is drawn wider, no row is drawn anew. */
function useWidths(): CSSProperties {
  const { columns } = useRoom();
  const sizes = columns.table.getState().columnSizing;
  const widths = columns.visible.map((column) => `${sizes[column.id] ?? column.width}px`);
  const before = columns.visible.slice(
    0,
    columns.visible.findIndex((column) => column.id === "title"),
  );
  const isBeside = before.length === 1 && before[0]?.id === "thumbnail";

  return {
    "--columns": `${CHECK_PX}px ${widths.join(" ")} minmax(0, 1fr)`,
    "--title-left": `${CHECK_PX + (isBeside ? (before[0]?.width ?? 0) : 0)}px`,
  } as CSSProperties;
}

/** The table: of 100,000 rows those in sight are there, and a few more. */
export function Grid() {
  const { t } = useTranslation();
  const { rows, columns, selection, focus, look, fields } = useRoom();
  const box = useRef<HTMLDivElement>(null);
  const edits = useEdits();
  const events = useGridEvents();
  const widths = useWidths();
  const lists = useQuery({ ...listsQuery, enabled: fields === undefined });
  const total = rows.total ?? 12;
  const height = rows.hasSnippets ? FOUND_ROW_PX : ROW_PX;
  const leave: Leave = useLeave(box);

  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollPaddingStart: HEAD_PX,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;

  useKeys({ edits, open: events.open });
  useEffect(() => rows.look(from, to), [rows.look, from, to]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height is what it is about
  useLayoutEffect(() => virtual.measure(), [virtual, height]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins at its first row
  useLayoutEffect(() => {
    box.current?.scrollTo({ top: 0 });
  }, [rows.question]);
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (focus.row >= 0) {
      scrollToIndex(focus.row, { align: "auto" });
    }
  }, [focus.row, scrollToIndex]);
  useEffect(() => {
    if (focus.column) {
      document
        .getElementById("cell-focused")
        ?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }, [focus.column]);

  const listName = useCallback(
    (id: string) => lists.data?.find((list) => list.id === id)?.name,
    [lists.data],
  );

  return (
    <div
      ref={box}
      role="grid"
      tabIndex={0}
      aria-label={t("table:name")}
      aria-rowcount={rows.total === undefined ? -1 : total + 1}
      aria-colcount={columns.visible.length + 1}
      aria-multiselectable
      aria-busy={rows.isBehind || rows.total === undefined}
      aria-activedescendant={
        focus.row >= 0 ? (focus.column ? "cell-focused" : `row-${focus.row}`) : undefined
      }
      className="@container relative min-h-0 flex-1 overflow-auto overscroll-contain bg-surface focus-visible:outline-offset-[-2px]"
      style={widths}
      onClick={events.onClick}
      onDoubleClick={events.onDoubleClick}
      onMouseDown={events.onMouseDown}
      onKeyDown={undefined}
    >
      <div role="presentation" className="min-w-fit [contain:paint_style]">
        <Head />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const video = rows.at(item.index);
            const isFocused = focus.row === item.index;
            return video ? (
              <Row
                key={item.index}
                video={video}
                row={item.index}
                top={item.start}
                height={height}
                columns={columns.visible}
                isSelected={selection.has(video.id)}
                isFocused={isFocused}
                isOpen={look.video === video.id}
                cell={isFocused ? focus.column : undefined}
                isEditing={isFocused && focus.isEditing}
                listName={fields ? undefined : listName(video.list_id)}
                found={rows.hasSnippets ? rows.snippetOf(item.index, video.id) : undefined}
                edits={edits}
                onLeave={leave}
              />
            ) : (
              <WaitingRow
                key={item.index}
                row={item.index}
                top={item.start}
                height={height}
                columns={columns.visible}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
