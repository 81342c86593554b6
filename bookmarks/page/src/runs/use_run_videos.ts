import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "barq-web/kit";
import { useEffect } from "react";
import { api } from "../api/client.ts";
import { onEvents } from "../api/events.ts";

const PAGE = 500;
/* Of a run of thousands something ends each moment; nobody reads faster than this. */
const REFRESH_MS = 2000;

/** What the API keeps of a video; "processing" and "held" are told among those that wait. */
export type Stored = "waiting" | "completed" | "failed" | "cancelled";

export function useRunVideos(runId: string, status: Stored | undefined) {
  const queries = useQueryClient();

  useEffect(
    () =>
      onEvents((events) => {
        if (events.some(({ run_id, kind }) => run_id === runId || kind.startsWith("hold."))) {
          void queries.invalidateQueries({ queryKey: ["run-videos", runId] });
        }
      }, REFRESH_MS),
    [queries, runId],
  );

  return useInfiniteQuery({
    queryKey: ["run-videos", runId, status ?? "all"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/runs/{id}/videos", {
          params: { path: { id: runId }, query: { status, after: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    getNextPageParam: (page) => (page.length === PAGE ? page.at(-1)?.video_id : undefined),
    placeholderData: (before) => before,
  });
}
