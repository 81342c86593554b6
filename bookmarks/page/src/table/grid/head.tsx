import { cn } from "barq-web/kit";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "../columns/columns.ts";
import { nextSort } from "../columns/next_sort.ts";
import { useRoom } from "../room.ts";
import { sticky } from "./row.tsx";
import { CHECK_PX, HEAD_PX } from "./sizes.ts";

const RESIZE_STEP = 16;

function Resizer({ column }: { column: Column }) {
  const { t } = useTranslation();
  const { columns } = useRoom();
  const header = columns.table.getFlatHeaders().find((one) => one.id === column.id);
  const size = header?.getSize() ?? column.width;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -RESIZE_STEP, ArrowRight: RESIZE_STEP }[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      columns.resize(column.id, size + step);
    }
  };

  return (
    <span
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t("table:resize", { column: column.label })}
      aria-valuenow={size}
      className={cn(
        "absolute inset-y-1.5 right-0 z-10 w-2 cursor-col-resize touch-none border-r hover:border-accent hover:opacity-100 focus-visible:opacity-100 group-hover/head:opacity-100",
        header?.column.getIsResizing()
          ? "border-accent border-r-2 opacity-100"
          : "border-line-strong opacity-0",
      )}
      onMouseDown={header?.getResizeHandler()}
      onTouchStart={header?.getResizeHandler()}
      onDoubleClick={() => columns.resize(column.id, column.width)}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={onKeyDown}
    />
  );
}

function HeadCell({ column }: { column: Column }) {
  const { t } = useTranslation();
  const { look, setLook } = useRoom();
  const { sort } = column;
  const way = !sort
    ? undefined
    : look.sort === sort
      ? "ascending"
      : look.sort === `-${sort}`
        ? "descending"
        : "none";
  const Arrow = way === "ascending" ? ArrowUp : ArrowDown;

  return (
    <div
      role="columnheader"
      aria-sort={way}
      data-column={column.id}
      className={cn("group/head relative flex min-w-0 items-center bg-surface", sticky)}
    >
      {sort ? (
        <button
          type="button"
          title={t("table:sortBy", { column: column.label })}
          className={cn(
            "flex h-full w-full min-w-0 items-center gap-1 px-2 hover:text-ink focus-visible:-outline-offset-2",
            column.isRight && "flex-row-reverse",
            way !== "none" && "text-ink",
          )}
          onClick={() => setLook({ sort: nextSort(look.sort, sort) })}
        >
          <span className="truncate">{column.label}</span>
          {way !== "none" && <Arrow className="size-3.5 shrink-0" />}
        </button>
      ) : (
        <span className={column.id === "thumbnail" ? "sr-only" : "truncate px-2"}>
          {column.label}
        </span>
      )}
      {column.id !== "thumbnail" && <Resizer column={column} />}
    </div>
  );
}

export function Head() {
  const { t } = useTranslation();
  const { columns, selection, rows } = useRoom();
  const isSome = selection.count > 0;

  return (
    <div
      role="row"
      aria-rowindex={1}
      className="sticky top-0 z-[5] grid border-b bg-surface font-medium text-[13px] text-muted"
      style={{ gridTemplateColumns: "var(--columns)", height: HEAD_PX }}
    >
      <div
        role="columnheader"
        className="sticky left-0 z-[1] flex items-center justify-center bg-surface"
        style={{ width: CHECK_PX }}
      >
        <input
          type="checkbox"
          aria-label={t("table:selectLoaded")}
          checked={isSome && selection.count >= (rows.total ?? 0)}
          ref={(box) => {
            if (box) {
              box.indeterminate = isSome && selection.count < (rows.total ?? 0);
            }
          }}
          className="size-4 cursor-pointer accent-accent"
          onChange={() => (isSome ? selection.clear() : selection.selectLoaded())}
        />
      </div>
      {columns.visible.map((column) => (
        <HeadCell key={column.id} column={column} />
      ))}
      <div role="presentation" className="bg-surface" />
    </div>
  );
}
