import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useEdits } from "../edit/use_edits.ts";
import { Tip } from "../grid/tip.tsx";
import { useGridEvents } from "../grid/use_grid_events.ts";
import { useKeys } from "../grid/use_keys.ts";
import { useLeave } from "../grid/use_leave.ts";
import { useRoom } from "../room.ts";
import { Card } from "./card.tsx";
import { shapeOf, useWidth } from "./shape.ts";

const OVERSCAN = 3;

/** The same videos as pictures; on a phone as lines. */
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

  const places = items.flatMap((item) =>
    Array.from({ length: across }, (_, place) => ({
      row: item.index * across + place,
      top: item.start,
      place,
    })),
  );

  return (
    <div
      ref={box}
      role="listbox"
      tabIndex={0}
      aria-label={t("table:name")}
      aria-multiselectable
      aria-busy={rows.isBehind || rows.total === undefined}
      aria-activedescendant={focus.row >= 0 ? `row-${focus.row}` : undefined}
      className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain focus-visible:outline-offset-[-2px]"
      onClick={events.onClick}
      onDoubleClick={events.onDoubleClick}
      onMouseDown={events.onMouseDown}
    >
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {width > 0 &&
          places
            .filter((one) => one.row < total)
            .map(({ row, top, place }) => {
              const video = rows.at(row);
              const size = (width - gap * (across + 1)) / across;
              return (
                <div
                  key={row}
                  role="presentation"
                  className="absolute top-0 left-0"
                  style={{
                    width: size,
                    height,
                    transform: `translate(${gap + place * (size + gap)}px, ${top}px)`,
                  }}
                >
                  {video ? (
                    <Card
                      video={video}
                      row={row}
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
                    <div data-waiting="" className="waiting h-full rounded-lg border bg-surface">
                      <div
                        className={
                          isLine
                            ? "m-2 aspect-video w-32 rounded bg-sunken"
                            : "aspect-video bg-sunken"
                        }
                      />
                    </div>
                  )}
                </div>
              );
            })}
      </div>
      <Tip box={box} />
    </div>
  );
}
