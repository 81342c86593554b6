import type { Field, Tag, Video } from "../../api/client.ts";

type TagOfVideo = NonNullable<Video["tags"]>[number];

export const isSame = (a: unknown, b: unknown) =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export function withValue(video: Video, field: Field, value: unknown): Video {
  const name = field.name ?? "";
  const { [name]: _, ...others } = video.fields;

  return value === null
    ? { ...video, fields: others }
    : {
        ...video,
        fields: {
          ...others,
          [name]: {
            field_id: field.id,
            value,
            source: "person",
            updated_at: new Date().toISOString(),
          },
        },
      };
}

/* Those whose names are not among these. */
const less = (from: TagOfVideo[], names: string[]) =>
  from.filter((tag) => !names.some((name) => name.toLowerCase() === tag.name.toLowerCase()));

/** Which tags go and come so that these are left; and the video as it is then. */
export function withTags(video: Video, names: string[], known: Tag[]) {
  const before = video.tags ?? [];
  const gone = less(before, names);
  const had = new Set(before.map((tag) => tag.name.toLowerCase()));
  const added = names.filter((name) => !had.has(name.toLowerCase()));
  const madeOf = (name: string): TagOfVideo =>
    known.find((tag) => tag.name.toLowerCase() === name.toLowerCase()) ?? {
      id: name,
      name,
      color: null,
      is_category: false,
    };

  return {
    gone,
    added,
    shown: {
      ...video,
      tags: [...before.filter((tag) => !gone.includes(tag)), ...added.map(madeOf)],
    },
  };
}
