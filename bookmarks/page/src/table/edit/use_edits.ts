import { useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Change, changeVideo } from "../../api/change_video.ts";
import { api, type Field, type Tag, type TagOfVideo, type Video } from "../../api/client.ts";
import { tagsEdit, tagsTo, titleEdit, valueEdit, watchedEdit } from "../../api/edits.ts";
import { isSame } from "../../values/types.ts";
import { sendTags } from "./send_tags.ts";

export type Edits = ReturnType<typeof useEdits>;

/** What a person changes of a video in place: shown at once, taken back in words when it is refused. */
export function useEdits() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const say = useErrorText();
  const errorText = useRef(say);
  errorText.current = say;

  return useMemo(() => {
    const change = async (id: string, what: Change, done?: { text: string; undo: () => void }) => {
      try {
        await changeVideo(queries, id, what);
        if (done) {
          toast(done.text, {
            id: "edit",
            action: { label: t("kit:undo"), onClick: done.undo },
          });
        }
      } catch (error) {
        toast.error(errorText.current(error));
      }
    };
    const patch = (id: string, body: object) => () =>
      ask(api.PATCH("/api/videos/{id}", { params: { path: { id } }, body }));

    const setValue = (video: Video, field: Field, value: unknown, isUndo = false) => {
      const shape = { id: field.id, name: field.name ?? "" };
      const before = video.fields[shape.name]?.value ?? null;
      if (isSame(before, value)) {
        return;
      }
      const edit = valueEdit(video, shape, value);
      void change(
        video.id,
        { ...edit, send: patch(video.id, { fields: { [shape.name]: value } }) },
        isUndo
          ? undefined
          : {
              text: t(value === null ? "table:valueTaken" : "table:valueSet", {
                field: field.label,
              }),
              undo: () => setValue(edit.give(video), field, before, true),
            },
      );
    };

    const setTitle = (video: Video, title: string | null, isUndo = false) => {
      const own = title === video.title ? null : title || null;
      const before = video.own_title ?? null;
      if (own === before) {
        return;
      }
      const edit = titleEdit(video, own);
      void change(
        video.id,
        { ...edit, send: patch(video.id, { title: own }) },
        isUndo
          ? undefined
          : {
              text: t("table:titleSet"),
              undo: () => setTitle(edit.give(video), before, true),
            },
      );
    };

    const setTags = (video: Video, names: string[], known: Tag[], isUndo = false) => {
      const { gone, added } = tagsTo(video, names, known);
      if (gone.length === 0 && added.length === 0) {
        return;
      }
      void change(
        video.id,
        { ...tagsEdit(gone, added), send: () => sendTags(queries, video.id, gone, added) },
        isUndo
          ? undefined
          : {
              text: t("table:tagsSet"),
              undo: () => void undoTags(video.id, gone, added),
            },
      );
    };
    /* Of those that there are by now: an undo may come after another change. */
    const undoTags = async (id: string, gone: TagOfVideo[], added: TagOfVideo[]) => {
      try {
        const now = await ask(api.GET("/api/videos/{id}", { params: { path: { id } } }));
        const { tags = [] } = tagsEdit(added, gone).give(now);
        setTags(
          now,
          tags.map((tag) => tag.name),
          tags as Tag[],
          true,
        );
      } catch (error) {
        toast.error(errorText.current(error));
      }
    };

    const setWatched = (video: Video, watched: boolean) => {
      const edit = watchedEdit(video, watched);
      void change(
        video.id,
        { ...edit, send: patch(video.id, { watched }) },
        {
          text: t(watched ? "table:isWatched" : "table:isUnwatched"),
          undo: () => setWatched(edit.give(video), !watched),
        },
      );
    };

    return { setValue, setTitle, setTags, setWatched };
  }, [queries, t]);
}
