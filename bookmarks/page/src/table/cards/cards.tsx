import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useEdits } from "../edit/use_edits.ts";
import { useGridEvents } from "../grid/use_grid_events.ts";
import { useKeys } from "../grid/use_keys.ts";
import { useLeave } from "../grid/use_leave.ts";
import { useRoom } from "../room.ts";
import { Card, WaitingCard } from "./card.tsx";
import { shapeOf, useWidth } from "./shape.ts";

const OVERSCAN = 3;

/** The videos that stand side by side in a line of cards. */
const rowsOf = (line: number, across: number, total: number) =>
  Array.from({ length: Math.min(across, total - line * across) }, (_, at) => line * across + at);

/** The same videos as pictures; on a phone as lines. A grid to a screen reader too, since a card has boxes in it. */
export function Cards() {
  const { t } = useTranslation();
  const { rows, columns, selection, focus, look } = useRoom();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const edits = useEdits();
  const fields = columns.all.filter((column) => column.field?.show_on_card).slice(0, 3);
  const { across, gap, height, isLine } = shapeOf(width, fields.length);
  const total = rows.total ?? 12;
  const events = useGridEvents();
  const leave = useLeave(box);

  const virtual = useVirtualizer({
    count: Math.ceil(total / across),
    getScrollElement: () => box.current,
    estimateSize: () => height + gap,
    overscan: OVERSCAN,
    paddingStart: gap,
    paddingEnd: gap + 64,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const from = (items[0]?.index ?? 0) * across;
  const to = ((items.at(-1)?.index ?? 0) + 1) * across - 1;

  useKeys({ edits, open: events.open, perRow: across });
  useEffect(() => rows.look(from, to), [rows.look, from, to]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another shape is what it is about
  useLayoutEffect(() => virtual.measure(), [virtual, height, gap, across]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins at its first row
  useLayoutEffect(() => {
    box.current?.scrollTo({ top: 0 });
  }, [rows.question]);
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (focus.row >= 0) {
      scrollToIndex(Math.floor(focus.row / across), { align: "auto" });
    }
  }, [focus.row, across, scrollToIndex]);

  return (
    <div
      ref={box}
      role="grid"
      tabIndex={0}
      aria-label={t("table:name")}
      aria-rowcount={rows.total === undefined ? -1 : Math.ceil(total / across)}
      aria-colcount={across}
      aria-multiselectable
      aria-busy={rows.isBehind || rows.total === undefined}
      aria-activedescendant={focus.row >= 0 ? `row-${focus.row}` : undefined}
      className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain focus-visible:outline-offset-[-2px]"
      onClick={events.onClick}
      onDoubleClick={events.onDoubleClick}
      onMouseDown={events.onMouseDown}
    >
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {width > 0 &&
          items.map((item) => (
            <div
              key={item.index}
              role="row"
              aria-rowindex={item.index + 1}
              className="absolute inset-x-0 top-0 grid"
              style={{
                height,
                gap,
                paddingInline: gap,
                gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))`,
                transform: `translateY(${item.start}px)`,
              }}
            >
              {rowsOf(item.index, across, total).map((row) => {
                const video = rows.at(row);
                return video ? (
                  <Card
                    key={row}
                    video={video}
                    row={row}
                    column={row % across}
                    fields={fields}
                    isLine={isLine}
                    isSelected={selection.has(video.id)}
                    isFocused={focus.row === row}
                    isOpen={look.video === video.id}
                    editing={focus.row === row && focus.isEditing ? focus.column : undefined}
                    edits={edits}
                    onLeave={leave}
                  />
                ) : (
                  <WaitingCard key={row} column={row % across} isLine={isLine} />
                );
              })}
            </div>
          ))}
      </div>
    </div>
  );
}
