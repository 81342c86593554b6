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

  const remove = (count: number, showAgain: () => void, send: () => Promise<unknown>) =>
    doUnlessUndone(t("table:deleted", { count }), {
      commit: () =>
        void send()
          .catch((error: unknown) => toast.error(errorText(error)))
          .then(() => refreshVideos(queries))
          .then(showAgain),
      undo: showAgain,
    });

  return {
    one: (id: string, row: number) => {
      const showAgain = rows.hide(new Map([[id, rows.numberOf(row)]]));
      if (look.video === id) {
        setLook({ video: undefined, at: undefined });
      }
      remove(1, showAgain, () =>
        ask(api.DELETE("/api/videos/{id}", { params: { path: { id } }, keepalive: true })),
      );
    },
    selected: () => {
      const body = { action: "delete" as const, ...target() };
      const { count, ids, isAll } = selection;
      if (look.video && selection.has(look.video)) {
        setLook({ video: undefined, at: undefined });
      }
      const showAgain = rows.hide(
        isAll ? "all" : new Map([...ids].map(([id, row]) => [id, rows.numberOf(row)])),
      );
      selection.clear();
      remove(count, showAgain, () => ask(api.POST("/api/videos/bulk", { body, keepalive: true })));
    },
  };
}
