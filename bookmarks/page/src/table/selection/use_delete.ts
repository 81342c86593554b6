import { useQueryClient } from "@tanstack/react-query";
import { ask, doUnlessUndone, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client.ts";
import { refreshVideos } from "../../api/queries.ts";
import { useRoom } from "../room.ts";
import { useBulk } from "./use_bulk.ts";

/** Deletes what can still be taken back: it is out of sight at once, and gone when nobody has. */
export function useDelete() {
  const { t } = useTranslation();
  const { rows, selection, look, setLook } = useRoom();
  const { target } = useBulk();
  const queries = useQueryClient();
  const errorText = useErrorText();

  const settle = async () => {
    await refreshVideos(queries);
    rows.showAgain();
  };
  const remove = (count: number, send: () => Promise<unknown>) =>
    doUnlessUndone(t("table:deleted", { count }), {
      commit: () =>
        void send()
          .catch((error: unknown) => toast.error(errorText(error)))
          .then(settle),
      undo: rows.showAgain,
    });

  return {
    one: (id: string, row: number) => {
      rows.hide([rows.numberOf(row)]);
      if (look.video === id) {
        setLook({ video: undefined, at: undefined });
      }
      remove(1, () =>
        ask(api.DELETE("/api/videos/{id}", { params: { path: { id } }, keepalive: true })),
      );
    },
    selected: () => {
      const body = { action: "delete" as const, ...target() };
      const { count } = selection;
      if (look.video && selection.has(look.video)) {
        setLook({ video: undefined, at: undefined });
      }
      rows.hide(selection.isAll ? "all" : [...selection.ids.values()].map(rows.numberOf));
      selection.clear();
      remove(count, () => ask(api.POST("/api/videos/bulk", { body, keepalive: true })));
    },
  };
}
