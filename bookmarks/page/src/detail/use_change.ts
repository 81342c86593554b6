import { useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { type Change, changeVideo } from "../api/change_video.ts";
import { api, type WholeVideo } from "../api/client.ts";
import { titleEdit, valueEdit, watchedEdit } from "../api/edits.ts";
import type { FieldShape, Value } from "../values/types.ts";

/** What a person says of a video: shown at once, taken back with the reason when it is refused. */
export function useChange(id: string) {
  const queries = useQueryClient();
  const errorText = useErrorText();
  const change = (body: object, edit: (video: WholeVideo) => Omit<Change, "send">) => {
    const video = queries.getQueryData<WholeVideo>(["video", id]);
    const send = () => ask(api.PATCH("/api/videos/{id}", { params: { path: { id } }, body }));

    if (video) {
      changeVideo(queries, id, { ...edit(video), send }).catch((error: unknown) =>
        toast.error(errorText(error)),
      );
    }
  };

  return {
    setTitle: (title: string | null) => change({ title }, (video) => titleEdit(video, title)),
    setWatched: (watched: boolean) => change({ watched }, (video) => watchedEdit(video, watched)),
    setValue: (field: FieldShape, value: Value) =>
      change({ fields: { [field.name]: value } }, (video) => {
        const id = video.available_fields.find((one) => one.name === field.name)?.id ?? "";
        return valueEdit(video, { id, name: field.name }, value);
      }),
  };
}
