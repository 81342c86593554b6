import type { Video } from "../../api/client.ts";

type Tag = NonNullable<Video["tags"]>[number];

/** A tag's own colour is a dot: text on any colour that somebody has chosen could not be read. */
export function TagChips({ tags }: { tags: Tag[] }) {
  return (
    <span className="flex min-w-0 gap-1 overflow-hidden">
      {tags.map((tag) => (
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
    </span>
  );
}
