import { useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client.ts";
import { useRoom } from "../room.ts";
import { idsBetween } from "../rows/pages.ts";
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

  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ["videos"] });
    void queries.invalidateQueries({ queryKey: ["lists"] });
    void queries.invalidateQueries({ queryKey: ["tags"] });
  };

  const run = async (what: What, undo?: What) => {
    const whom = target();
    const send = async (body: What, withUndo: boolean) => {
      try {
        const done = await ask(api.POST("/api/videos/bulk", { body: { ...body, ...whom } }));
        const reasons = [...new Set(done.failures.map((one) => one.error))].slice(0, REASONS_TOLD);
        const text = t(`table:done.${body.action}`, { count: done.done_count });
        refresh();
        if (done.failed_count > 0) {
          toast.warning(text, {
            description: [t("table:refused", { count: done.failed_count }), ...reasons].join("\n"),
            duration: 12_000,
          });
        } else {
          toast.success(
            text,
            withUndo && undo
              ? { action: { label: t("kit:undo"), onClick: () => void send(undo, false) } }
              : {},
          );
        }
      } catch (error) {
        toast.error(errorText(error));
      }
    };
    await send(what, true);
  };

  /* A run is of one list. */
  const idsByList = async () => {
    const ids = selection.isAll
      ? await idsBetween(rows.question, 0, Math.min(selection.count, MOST_SELECTED) - 1)
      : [...selection.ids.keys()];
    if (listId) {
      return new Map([[listId, ids]]);
    }
    const byList = new Map<string, string[]>();
    for (const [id, row] of selection.ids) {
      const of =
        rows.at(row)?.list_id ??
        (await ask(api.GET("/api/videos/{id}", { params: { path: { id } } }))).list_id;
      byList.set(of, [...(byList.get(of) ?? []), id]);
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
      refresh();
    } catch (error) {
      toast.error(errorText(error));
    }
  };

  return { target, run, processAgain };
}
