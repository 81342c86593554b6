import { t } from "i18next";
import { Eye } from "lucide-react";
import type { ReactNode } from "react";
import type { Video } from "../../api/client.ts";
import { asValue, shapeOf } from "../../values/types.ts";
import { FieldValue } from "../../values/value.tsx";
import { clock, dayText, instantText, numberText, shortNumber } from "../../values/words.ts";
import type { Column } from "../columns/columns.ts";
import { Mark } from "./mark.tsx";
import { Status } from "./status.tsx";
import { TagChips } from "./tag_chips.tsx";
import { Thumbnail } from "./thumbnail.tsx";

export const titleOf = (video: Video) => video.own_title ?? video.title ?? video.url;

function Title({ video }: { video: Video }) {
  const isOther = video.own_title && video.title && video.own_title !== video.title;

  return (
    <span
      data-open=""
      data-tip={isOther ? (video.title ?? undefined) : undefined}
      className="min-w-0 cursor-pointer truncate font-medium hover:text-accent-ink"
    >
      {titleOf(video)}
    </span>
  );
}

function Day({ at }: { at: string | null | undefined }) {
  return at ? (
    <time dateTime={at} data-tip={instantText(at)} className="truncate text-muted tabular-nums">
      {dayText(at)}
    </time>
  ) : null;
}

function Watched({ video }: { video: Video }) {
  const part =
    video.watch_position && video.duration_seconds
      ? Math.round((100 * video.watch_position) / video.duration_seconds)
      : 0;

  if (video.watched_at) {
    return (
      <span
        data-tip={instantText(video.watched_at)}
        className="inline-flex items-center gap-1.5 text-muted [&_svg]:size-3.5"
      >
        <Eye />
        {dayText(video.watched_at)}
      </span>
    );
  }
  return part > 0 ? (
    <span className="text-muted tabular-nums">{t("table:watchedPart", { part })}</span>
  ) : null;
}

const shown: Record<string, (video: Video, listName: string | undefined) => ReactNode> = {
  thumbnail: (video) => (
    <Thumbnail address={video.thumbnail_url} className="w-[60px] cursor-pointer" />
  ),
  title: (video) => <Title video={video} />,
  list: (_, listName) => <span className="truncate text-muted">{listName}</span>,
  channel: (video) => <span className="truncate text-muted">{video.channel}</span>,
  duration: (video) => (
    <span className="text-muted tabular-nums">{clock(video.duration_seconds)}</span>
  ),
  published: (video) => <Day at={video.published} />,
  added: (video) => <Day at={video.added_at ?? video.created_at} />,
  status: (video) => <Status video={video} />,
  tags: (video) => <TagChips tags={video.tags ?? []} />,
  views: (video) =>
    typeof video.view_count === "number" ? (
      <span
        className="text-muted tabular-nums"
        data-tip={video.view_count >= 1000 ? numberText(video.view_count) : undefined}
      >
        {shortNumber(video.view_count)}
      </span>
    ) : null,
  watched: (video) => <Watched video={video} />,
};

/** What a column says of a video. */
export function CellText({
  video,
  column,
  listName,
}: {
  video: Video;
  column: Column;
  listName: string | undefined;
}) {
  if (!column.field) {
    return shown[column.id]?.(video, listName);
  }
  const value = video.fields[column.field.name ?? ""];
  return value ? (
    <>
      <FieldValue field={shapeOf(column.field)} value={asValue(value.value)} oneLine />
      <Mark value={value} />
    </>
  ) : null;
}
