import { cn } from "barq-web/kit";
import { t } from "i18next";
import { memo } from "react";
import type { Video } from "../../api/client.ts";
import { clock } from "../../values/words.ts";
import type { Column } from "../columns/columns.ts";
import { CellEditor } from "../edit/cell_editor.tsx";
import type { Leave } from "../edit/in_cell.tsx";
import type { Edits } from "../edit/use_edits.ts";
import { CellText, titleOf } from "../grid/cell.tsx";
import { Status } from "../grid/status.tsx";
import { TagChips } from "../grid/tag_chips.tsx";
import { Thumbnail } from "../grid/thumbnail.tsx";

export type CardProps = {
  video: Video;
  row: number;
  /** How many cards stand before it in its line. */
  column: number;
  fields: Column[];
  isSelected: boolean;
  isFocused: boolean;
  isOpen: boolean;
  /** On a phone: a line with a small picture in place of a picture with lines. */
  isLine: boolean;
  editing: string | undefined;
  edits: Edits;
  onLeave: Leave;
};

function Picture({ video, isLine }: { video: Video; isLine: boolean }) {
  const duration = clock(video.duration_seconds);

  return (
    <div
      data-column="thumbnail"
      className={cn("relative cursor-pointer", isLine && "w-32 shrink-0 self-start")}
    >
      <Thumbnail address={video.thumbnail_url} className={cn(!isLine && "rounded-b-none")} />
      {duration && (
        <span className="absolute right-1.5 bottom-1.5 rounded bg-black/80 px-1 text-white text-xs tabular-nums">
          {duration}
        </span>
      )}
    </div>
  );
}

export const Card = memo(function Card(props: CardProps) {
  const { video, row, isLine } = props;
  return (
    <div
      role="gridcell"
      id={`row-${row}`}
      aria-colindex={props.column + 1}
      aria-selected={props.isSelected}
      aria-label={titleOf(video)}
      data-row={row}
      data-focused={props.isFocused || undefined}
      className={cn(
        "group/row relative flex h-full min-w-0 overflow-hidden rounded-lg border",
        isLine ? "flex-row gap-3 p-2" : "flex-col",
        props.isSelected ? "border-accent bg-accent-soft" : "bg-surface",
        props.isOpen && "border-accent",
        props.isFocused && "outline-2 outline-accent -outline-offset-1",
      )}
    >
      <Picture video={video} isLine={isLine} />
      <span
        data-select=""
        className={cn(
          "absolute top-0 left-0 flex size-9 items-center justify-center opacity-0 focus-within:opacity-100 group-hover/row:opacity-100 pointer-coarse:opacity-100",
          props.isSelected && "opacity-100",
        )}
      >
        <input
          type="checkbox"
          tabIndex={-1}
          readOnly
          checked={props.isSelected}
          aria-label={t("table:selectOne", { title: titleOf(video) })}
          className="size-4 accent-accent"
        />
      </span>
      <div className={cn("flex min-w-0 flex-1 flex-col", isLine ? "gap-0.5" : "gap-1 px-3 py-2")}>
        <span
          data-open=""
          title={titleOf(video)}
          className="line-clamp-2 cursor-pointer font-medium leading-5 hover:text-accent-ink"
        >
          {titleOf(video)}
        </span>
        <span className="truncate text-[13px] text-muted">{video.channel}</span>
        {props.fields.map((column) => (
          <div
            key={column.id}
            data-column={column.id}
            className="relative flex h-7 shrink-0 items-center gap-2 overflow-hidden rounded text-[13px]"
          >
            <span className="w-20 shrink-0 truncate text-muted">{column.label}</span>
            {props.editing === column.id ? (
              <CellEditor
                video={video}
                column={column}
                edits={props.edits}
                onLeave={props.onLeave}
              />
            ) : (
              <CellText video={video} column={column} listName={undefined} />
            )}
          </div>
        ))}
        <div className="mt-auto flex h-6 min-w-0 items-center gap-1.5 overflow-hidden">
          {(video.status !== "completed" || video.availability !== "available") && (
            <Status video={video} />
          )}
          <TagChips tags={video.tags ?? []} />
        </div>
      </div>
    </div>
  );
});

/** A card whose video is on its way. */
export function WaitingCard({ column, isLine }: { column: number; isLine: boolean }) {
  return (
    <div
      role="gridcell"
      aria-colindex={column + 1}
      aria-busy
      data-waiting=""
      className="waiting h-full rounded-lg border"
    >
      <div
        className={isLine ? "m-2 aspect-video w-32 rounded bg-sunken" : "aspect-video bg-sunken"}
      />
    </div>
  );
}
