import { useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client.ts";
import { refreshVideos, tagsQuery } from "../../api/queries.ts";
import { useRoom } from "../room.ts";
import { videosBetween } from "../rows/pages.ts";
import { MOST_SELECTED } from "./use_selection.ts";

type What =
  | { action: "watched" | "unwatched" }
  | { action: "tag" | "untag"; tag_ids: string[] }
  | { action: "set"; fields: Record<string, never> }
  | { action: "move" | "copy"; to_list_id: string };

const REASONS_TOLD = 3;

/** Does one thing to all that is selected, and says what became of it. */
export function useBulk() {
  const { t } = useTranslation();
  const { selection, rows, listId } = useRoom();
  const queries = useQueryClient();
  const errorText = useErrorText();

  /** Whom the server is to do it to: ids, or what all of them have in common. */
  const target = () =>
    selection.isAll
      ? { query: rows.question.q, list_id: listId }
      : { video_ids: [...selection.ids.keys()] };

  /* The server gives only tags that there are; a name that is none yet becomes one. */
  const makeTags = async (names: string[]) => {
    const known = await queries.fetchQuery({ ...tagsQuery, staleTime: 0 });
    const isKnown = (name: string) =>
      known.some((tag) => tag.name.toLowerCase() === name.toLowerCase());

    for (const name of names.filter((one) => !isKnown(one))) {
      await ask(api.POST("/api/tags", { body: { name } }));
    }
  };

  const run = async (what: What) => {
    const whom = target();
    try {
      if (what.action === "tag") {
        await makeTags(what.tag_ids);
      }
      const done = await ask(api.POST("/api/videos/bulk", { body: { ...what, ...whom } }));
      const reasons = [...new Set(done.failures.map((one) => one.error))].slice(0, REASONS_TOLD);
      const text = t(`table:done.${what.action}`, { count: done.done_count });
      void refreshVideos(queries);
      if (done.failed_count > 0) {
        toast.warning(text, {
          description: [t("table:refused", { count: done.failed_count }), ...reasons].join("\n"),
          duration: 12_000,
        });
      } else {
        toast.success(text);
      }
    } catch (error) {
      toast.error(errorText(error));
    }
  };

  const videoOf = async (id: string, row: number) => {
    const there = rows.at(row); /* unless rows have moved since it was ticked */
    return there?.id === id
      ? there
      : ask(api.GET("/api/videos/{id}", { params: { path: { id } } }));
  };

  /* A run is of one list. */
  const idsByList = async () => {
    if (listId && !selection.isAll) {
      return new Map([[listId, [...selection.ids.keys()]]]);
    }
    const videos = selection.isAll
      ? await videosBetween(rows.question, 0, Math.min(selection.count, MOST_SELECTED) - 1)
      : await Promise.all([...selection.ids].map(([id, row]) => videoOf(id, row)));
    const byList = new Map<string, string[]>();
    for (const { id, list_id } of videos) {
      byList.set(list_id, [...(byList.get(list_id) ?? []), id]);
    }
    return byList;
  };

  const processAgain = async (field?: string) => {
    let count = 0;
    try {
      for (const [id, video_ids] of await idsByList()) {
        const run = await ask(
          api.POST("/api/lists/{id}/process", {
            params: { path: { id } },
            body: { video_ids, again: true, field },
          }),
        );
        count += run.total_videos;
      }
      toast.success(t("table:done.process", { count }));
      void refreshVideos(queries);
    } catch (error) {
      toast.error(errorText(error));
    }
  };

  return { target, run, processAgain };
}
