import { useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, type Field, type Tag, type Video, type WholeVideo } from "../../api/client.ts";
import { isSame, withTags, withValue } from "./changed.ts";
import { patchVideo } from "./patch.ts";

export type Edits = ReturnType<typeof useEdits>;

/** What a person changes of a video in place: shown at once, taken back in words when it is refused. */
export function useEdits() {
  const queries = useQueryClient();
  const { t } = useTranslation();
  const say = useErrorText();
  const errorText = useRef(say);
  errorText.current = say;

  return useMemo(() => {
    /* The answer is the truth: a rule or a model may have had another word. */
    const change = async (
      video: Video,
      shown: Video,
      send: () => Promise<WholeVideo>,
      done?: { text: string; undo: () => void },
    ) => {
      patchVideo(queries, video.id, () => shown);
      try {
        const now = await send();
        patchVideo(queries, video.id, (old) => ({ ...old, ...now }));
        queries.setQueryData(["video", video.id], now);
        if (done) {
          toast(done.text, {
            id: "edit",
            action: { label: t("kit:undo"), onClick: done.undo },
          });
        }
      } catch (error) {
        patchVideo(queries, video.id, () => video);
        toast.error(errorText.current(error));
      }
    };
    const patch = (id: string, body: object) => () =>
      ask(api.PATCH("/api/videos/{id}", { params: { path: { id } }, body }));

    const setValue = (video: Video, field: Field, value: unknown, isUndo = false) => {
      const name = field.name ?? "";
      const before = video.fields[name]?.value ?? null;
      if (isSame(before, value)) {
        return;
      }
      const shown = withValue(video, field, value);
      void change(
        video,
        shown,
        patch(video.id, { fields: { [name]: value } }),
        isUndo
          ? undefined
          : {
              text: t(value === null ? "table:valueTaken" : "table:valueSet", {
                field: field.label,
              }),
              undo: () => setValue(shown, field, before, true),
            },
      );
    };

    const setTitle = (video: Video, title: string | null, isUndo = false) => {
      const own = title === video.title ? null : title || null;
      if (own === (video.own_title ?? null)) {
        return;
      }
      const shown = { ...video, own_title: own };
      void change(
        video,
        shown,
        patch(video.id, { title: own }),
        isUndo
          ? undefined
          : {
              text: t("table:titleSet"),
              undo: () => setTitle(shown, video.own_title ?? null, true),
            },
      );
    };

    const setTags = (video: Video, names: string[], known: Tag[], isUndo = false) => {
      const before = video.tags ?? [];
      const { gone, added, shown } = withTags(video, names, known);
      if (gone.length === 0 && added.length === 0) {
        return;
      }
      const path = { id: video.id };
      const send = async () => {
        if (added.length > 0) {
          await ask(
            api.POST("/api/videos/{id}/tags", { params: { path }, body: { names: added } }),
          );
        }
        for (const tag of gone) {
          await ask(
            api.DELETE("/api/videos/{id}/tags/{tag}", {
              params: { path: { ...path, tag: tag.id } },
            }),
          );
        }
        void queries.invalidateQueries({ queryKey: ["tags"] });
        return ask(api.GET("/api/videos/{id}", { params: { path } }));
      };
      void change(
        video,
        shown,
        send,
        isUndo
          ? undefined
          : {
              text: t("table:tagsSet"),
              undo: () =>
                void sendTags(
                  video.id,
                  before.map((tag) => tag.name),
                  known,
                ),
            },
      );
    };
    /* As they are by now: an undo may come after another change. */
    const sendTags = async (id: string, names: string[], known: Tag[]) => {
      const now = await ask(api.GET("/api/videos/{id}", { params: { path: { id } } }));
      setTags(now, names, known, true);
    };

    const setWatched = (video: Video, watched: boolean) =>
      void change(
        video,
        { ...video, watched_at: watched ? new Date().toISOString() : null },
        patch(video.id, { watched }),
        {
          text: t(watched ? "table:isWatched" : "table:isUnwatched"),
          undo: () => setWatched({ ...video, watched_at: watched ? "" : null }, !watched),
        },
      );

    return { setValue, setTitle, setTags, setWatched };
  }, [queries, t]);
}
