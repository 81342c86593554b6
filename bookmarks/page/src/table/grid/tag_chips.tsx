import type { Video } from "../../api/client.ts";

type Tag = NonNullable<Video["tags"]>[number];

const SHOWN = 2;

/** A tag's own colour is a dot: text on any colour that somebody has chosen could not be read. More than two are counted. */
export function TagChips({ tags }: { tags: Tag[] }) {
  const more = tags.slice(SHOWN);

  return (
    <span className="flex min-w-0 gap-1 overflow-hidden">
      {tags.slice(0, SHOWN).map((tag) => (
        <span
          key={tag.id}
          className="inline-flex min-w-8 max-w-40 items-center gap-1.5 rounded-full border px-2 text-[13px] leading-[22px]"
        >
          <span
            className="size-2 shrink-0 rounded-full bg-line-strong"
            style={tag.color ? { background: tag.color } : undefined}
          />
          <span className="truncate">{tag.name}</span>
        </span>
      ))}
      {more.length > 0 && (
        <span
          data-tip={more.map((tag) => tag.name).join(", ")}
          className="shrink-0 self-center text-[13px] text-muted"
        >
          +{more.length}
        </span>
      )}
    </span>
  );
}
