import { isSame } from "../values/types.ts";
import type { Edit } from "./change_video.ts";
import type { TagOfVideo, Video, WholeVideo } from "./client.ts";

/* What a person changes of a video, each as it looks and as it is taken back. */
type Shape = { id: string; name: string };
type Values = Video["fields"];
type Both = { give: Edit; takeBack: Edit };

export function valueEdit(video: Video, field: Shape, value: unknown): Both {
  const before = video.fields[field.name];
  const set = (entry: Values[string] | undefined): Edit => {
    return (shown) => {
      const { [field.name]: _, ...others } = shown.fields;
      const fields = entry ? { ...others, [field.name]: entry } : others;
      return { ...shown, fields, missing_fields: missing(shown, fields) };
    };
  };
  const put = set(before);

  return {
    give: set(
      value === null
        ? undefined
        : {
            field_id: field.id,
            value,
            source: "person",
            updated_at: new Date().toISOString(),
          },
    ),
    takeBack: (shown) => (isSame(shown.fields[field.name]?.value, value) ? put(shown) : shown),
  };
}

/* A row of a table does not say which fields there are: then the server will. */
function missing(video: Video, fields: Values) {
  const { available_fields: all } = video as Partial<WholeVideo>;
  return (
    all
      ?.filter((field) => field.required && !fields[field.name ?? ""])
      .map((field) => field.name ?? "") ?? video.missing_fields
  );
}

function memberEdit<Name extends "own_title" | "watched_at">(
  video: Video,
  name: Name,
  value: Video[Name],
): Both {
  const before = video[name];

  return {
    give: (shown) => ({ ...shown, [name]: value }),
    takeBack: (shown) => (isSame(shown[name], value) ? { ...shown, [name]: before } : shown),
  };
}

export const titleEdit = (video: Video, title: string | null) =>
  memberEdit(video, "own_title", title);

export const watchedEdit = (video: Video, watched: boolean) =>
  memberEdit(video, "watched_at", watched ? new Date().toISOString() : null);

export const isNamed = (name: string) => (tag: { name: string }) =>
  tag.name.toLowerCase() === name.toLowerCase();

const without = (from: TagOfVideo[], tags: TagOfVideo[]) =>
  from.filter((one) => !tags.some(isNamed(one.name)));

export function tagsEdit(gone: TagOfVideo[], added: TagOfVideo[]): Both {
  const exchange = (out: TagOfVideo[], into: TagOfVideo[]): Edit => {
    return (shown) => {
      const left = without(shown.tags ?? [], out);
      return { ...shown, tags: [...left, ...without(into, left)] };
    };
  };

  return { give: exchange(gone, added), takeBack: exchange(added, gone) };
}

/** Which tags go and come so that those of these names are left. */
export function tagsTo(video: Video, names: string[], known: TagOfVideo[]) {
  const before = video.tags ?? [];

  return {
    gone: before.filter((tag) => !names.some((name) => isNamed(name)(tag))),
    added: names.filter((name) => !before.some(isNamed(name))).map((name) => tagOf(name, known)),
  };
}

/** A tag by its name; one that is none yet is made by the server. */
export const tagOf = (name: string, known: TagOfVideo[]): TagOfVideo =>
  known.find(isNamed(name)) ?? { id: name, name, color: null, is_category: false };
