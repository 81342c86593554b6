import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { api, type WholeVideo } from "../api/client.ts";
import type { FieldShape, Value } from "../values/types.ts";
import { changeKnown } from "./known.ts";

type Change = {
  title?: string | null;
  watched?: boolean;
  fields?: { [name: string]: Value };
};

function withFields(video: WholeVideo, fields: NonNullable<Change["fields"]>): WholeVideo {
  const values = { ...video.fields };

  for (const [name, value] of Object.entries(fields)) {
    const field = video.available_fields.find((one) => one.name === name);
    delete values[name];
    if (value !== null && field) {
      values[name] = {
        field_id: field.id,
        value,
        source: "person",
        updated_at: new Date().toISOString(),
      };
    }
  }
  const missing = video.available_fields.filter((one) => one.required && !values[one.name]);
  return { ...video, fields: values, missing_fields: missing.map((one) => one.name) };
}

function shown(video: WholeVideo, change: Change): WholeVideo {
  const named = change.title === undefined ? video : { ...video, own_title: change.title };
  const seen =
    change.watched === undefined
      ? named
      : { ...named, watched_at: change.watched ? new Date().toISOString() : null };

  return change.fields ? withFields(seen, change.fields) : seen;
}

/** What a person says of a video: shown at once, taken back with the reason when it is refused. */
export function useChange(id: string) {
  const queries = useQueryClient();
  const errorText = useErrorText();
  const mutation = useMutation({
    mutationFn: (body: Change) =>
      ask(api.PATCH("/api/videos/{id}", { params: { path: { id } }, body: body as object })),
    onMutate: async (change) => {
      await queries.cancelQueries({ queryKey: ["video", id], exact: true });
      const before = queries.getQueryData<WholeVideo>(["video", id]);
      changeKnown(queries, id, (video) => shown(video, change));
      return before;
    },
    onSuccess: (now) => changeKnown(queries, id, () => now),
    onError: (error, _change, before) => {
      if (before) {
        changeKnown(queries, id, () => before);
      }
      toast.error(errorText(error));
    },
  });

  return {
    setTitle: (title: string | null) => mutation.mutate({ title }),
    setWatched: (watched: boolean) => mutation.mutate({ watched }),
    setValue: (field: FieldShape, value: Value) =>
      mutation.mutate({ fields: { [field.name]: value } }),
  };
}
