import { queryOptions, useMutation } from "@tanstack/react-query";
import { ask } from "barq-web/kit";
import { useEffect, useState } from "react";
import * as v from "valibot";
import { api } from "../api/client.ts";
import { onEvents } from "../api/events.ts";

/* The data of run.previewed: see bookmarks/jobs/extract_fields.c, process_video.c. */
const foundSchema = v.object({
  values: v.record(v.string(), v.unknown()),
  dropped: v.optional(v.record(v.string(), v.string())),
  tokens_in: v.optional(v.number()),
  tokens_out: v.optional(v.number()),
  cost_millionths: v.optional(v.number()),
});
const failedSchema = v.object({ reason: v.string() });
export type Found = v.InferOutput<typeof foundSchema>;

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
        const { kind, data } = event;
        const found = kind === "run.previewed" && v.is(foundSchema, data) ? data : undefined;
        const failed =
          kind === "video.failed" && v.is(failedSchema, data) ? data.reason : undefined;
        if (!isOver && (found || failed !== undefined)) {
          setTold({ found, failed });
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
