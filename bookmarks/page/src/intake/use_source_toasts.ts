import { useQueryClient } from "@tanstack/react-query";
import { toast } from "barq-web/kit";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import * as v from "valibot";
import { onEvents } from "../api/events.ts";

/* The data of source.expanded and source.failed: see bookmarks/jobs/expand_source.c. */
const dataSchema = v.object({
  kind: v.string(),
  id: v.string(),
  error: v.optional(v.string()),
  added: v.optional(v.number()),
  more: v.optional(v.boolean()),
  newest_only: v.optional(v.boolean()),
});

/** Tells what playlists and channels bring, wherever a person is by then: one note for each. */
export function useSourceToasts() {
  const { t } = useTranslation();
  const queries = useQueryClient();

  useEffect(() => {
    const brought = new Map<string, number>();

    return onEvents((events) => {
      for (const event of events.filter(({ kind }) => kind.startsWith("source."))) {
        if (!v.is(dataSchema, event.data)) {
          continue;
        }
        const { data } = event;
        const id = `${event.list_id}-${data.id}`;
        const count = (brought.get(id) ?? 0) + (data.added ?? 0);
        const isChannel = data.kind === "channel";

        brought.set(id, count);
        if (event.kind === "source.failed") {
          toast.error(
            t(isChannel ? "intake:channelFailed" : "intake:playlistFailed", { id: data.id }),
            {
              id,
              description: data.error,
              duration: 10_000,
            },
          );
        } else if (data.more) {
          toast.loading(t(isChannel ? "intake:channelSoFar" : "intake:playlistSoFar", { count }), {
            id,
          });
        } else {
          toast.success(t(isChannel ? "intake:channelDone" : "intake:playlistDone", { count }), {
            id,
            description: data.newest_only ? t("intake:newestOnly") : undefined,
            duration: 8000,
          });
        }
        if (!data.more) {
          brought.delete(id);
        }
        void queries.invalidateQueries({ queryKey: ["videos", event.list_id] });
      }
    });
  }, [queries, t]);
}
