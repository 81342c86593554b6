import { queryOptions, useMutation } from "@tanstack/react-query";
import { ask } from "barq-web/kit";
import { useEffect, useState } from "react";
import * as z from "zod/mini";
import { api } from "../api/client.ts";
import { onEvents } from "../api/events.ts";

/* The data of run.previewed: see bookmarks/jobs/extract_fields.c, process_video.c. */
const foundSchema = z.object({
  values: z.record(z.string(), z.unknown()),
  dropped: z.optional(z.record(z.string(), z.string())),
  tokens_in: z.optional(z.number()),
  tokens_out: z.optional(z.number()),
  cost_millionths: z.optional(z.number()),
});
export type Found = z.infer<typeof foundSchema>;

export const someVideosQuery = (listId: string) =>
  queryOptions({
    queryKey: ["videos", listId, "example"],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/lists/{id}/videos", {
          params: { path: { id: listId }, query: { limit: 50 } },
          signal,
        }),
      ),
  });

/** Tries the fields on one video: nothing is stored, what is found comes as an event. */
export function useExample(listId: string) {
  const [told, setTold] = useState<{ found?: Found; failed?: string } | undefined>(undefined);
  const start = useMutation({
    mutationFn: (videoId: string) =>
      ask(
        api.POST("/api/lists/{id}/process", {
          params: { path: { id: listId } },
          body: { video_ids: [videoId], dry_run: true },
        }),
      ),
    onMutate: () => setTold(undefined),
  });
  const runId = start.data?.job_id;

  useEffect(() => {
    let isOver = false;
    const take = (events: { kind: string; run_id: string | null; data: unknown }[]) => {
      for (const event of events.filter(({ run_id }) => run_id === runId)) {
        const found =
          event.kind === "run.previewed" ? foundSchema.safeParse(event.data).data : undefined;
        const failed =
          event.kind === "video.failed"
            ? z.object({ reason: z.string() }).safeParse(event.data).data
            : undefined;
        if (!isOver && (found || failed)) {
          setTold({ found, failed: failed?.reason });
        }
      }
    };
    if (runId === undefined) {
      return;
    }
    const stop = onEvents(take);
    /* It may have been told before its number was known here. */
    void ask(api.GET("/api/events/history", { params: { query: { run_id: runId } } })).then(
      take,
      () => undefined,
    );
    return () => {
      isOver = true;
      stop();
    };
  }, [runId]);

  return { start, told, isRunning: start.isPending || (runId !== undefined && !told) };
}
