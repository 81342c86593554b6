import { cn } from "barq-web/kit";
import { t } from "i18next";
import { memo } from "react";
import type { Found, Video } from "../../api/client.ts";
import type { Column } from "../columns/columns.ts";
import { CellEditor } from "../edit/cell_editor.tsx";
import type { Leave } from "../edit/in_cell.tsx";
import type { Edits } from "../edit/use_edits.ts";
import { CellText, titleOf } from "./cell.tsx";
import { FoundLine } from "./found_line.tsx";
import { ROW_PX } from "./sizes.ts";

type Props = {
  video: Video;
  row: number;
  top: number;
  height: number;
  columns: Column[];
  isSelected: boolean;
  isFocused: boolean;
  isOpen: boolean;
  /** Of the focused row, the cell. */
  cell: string | undefined;
  isEditing: boolean;
  listName: string | undefined;
  found: Found | undefined;
  edits: Edits;
  onLeave: Leave;
};

export const sticky =
  "data-[column=thumbnail]:sticky data-[column=thumbnail]:left-10 data-[column=thumbnail]:z-[1] " +
  "@3xl:data-[column=title]:sticky @3xl:data-[column=title]:left-[var(--title-left)] @3xl:data-[column=title]:z-[1]";

const ground =
  "bg-surface group-hover/row:bg-sunken group-aria-selected/row:bg-accent-soft group-data-[open]/row:bg-accent-soft group-data-[focused]/row:bg-sunken group-data-[focused]/row:group-aria-selected/row:bg-accent-soft";

/*
 * What is drawn most often: nothing in here subscribes to anything, not even to the language (with it the
 * columns change), and the grid hears its clicks.
 */
export const Row = memo(function Row(props: Props) {
  const { video, columns, row, isEditing, cell } = props;
  return (
    <div
      role="row"
      id={`row-${row}`}
      aria-rowindex={row + 2}
      aria-selected={props.isSelected}
      data-row={row}
      data-open={props.isOpen || undefined}
      data-focused={props.isFocused || undefined}
      className={cn("group/row absolute inset-x-0 border-b", props.isFocused && "z-[2]")}
      style={{ transform: `translateY(${props.top}px)`, height: props.height }}
    >
      <div
        role="presentation"
        className="grid"
        style={{ gridTemplateColumns: "var(--columns)", height: ROW_PX - 1 }}
      >
        <div
          role="gridcell"
          className={cn(
            "sticky left-0 z-[1] flex items-center justify-center group-data-[focused]/row:shadow-[inset_3px_0_0_var(--accent)]",
            ground,
          )}
          data-select=""
        >
          <input
            type="checkbox"
            tabIndex={-1}
            readOnly
            checked={props.isSelected}
            aria-label={t("table:selectOne", { title: titleOf(video) })}
            className="size-4 cursor-pointer accent-accent"
          />
        </div>
        {columns.map((column) => (
          <div
            key={column.id}
            role="gridcell"
            id={props.isFocused && cell === column.id ? "cell-focused" : undefined}
            data-column={column.id}
            className={cn(
              "relative flex min-w-0 items-center px-2",
              /* What an editor has to say stands below its cell. */
              isEditing && cell === column.id ? "z-[3]" : "overflow-hidden",
              column.isRight && "justify-end",
              sticky,
              ground,
              props.isFocused && cell === column.id && "outline-2 outline-accent -outline-offset-2",
            )}
          >
            {isEditing && cell === column.id ? (
              <CellEditor
                video={video}
                column={column}
                edits={props.edits}
                onLeave={props.onLeave}
              />
            ) : (
              <CellText video={video} column={column} listName={props.listName} />
            )}
          </div>
        ))}
        <div role="presentation" className={ground} />
      </div>
      {props.height > ROW_PX && (
        <div className={cn("h-[27px]", ground)}>
          {props.found && <FoundLine found={props.found} />}
        </div>
      )}
    </div>
  );
});

/** A row whose video is on its way; it shows only when that takes a while. */
export const WaitingRow = memo(function WaitingRow(props: {
  row: number;
  top: number;
  height: number;
  columns: Column[];
}) {
  return (
    <div
      role="row"
      id={`row-${props.row}`}
      aria-rowindex={props.row + 2}
      aria-busy
      data-waiting=""
      className="waiting absolute inset-x-0 border-b bg-surface"
      style={{ transform: `translateY(${props.top}px)`, height: props.height }}
    >
      <div
        role="presentation"
        className="grid"
        style={{ gridTemplateColumns: "var(--columns)", height: ROW_PX - 1 }}
      >
        <div role="gridcell" />
        {props.columns.map((column) => (
          <div key={column.id} role="gridcell" className="flex items-center px-2">
            <span
              className={cn(
                "rounded bg-sunken",
                column.id === "thumbnail" ? "h-[34px] w-[60px]" : "h-3 w-3/5",
              )}
            />
          </div>
        ))}
      </div>
    </div>
  );
});
