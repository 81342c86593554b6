import type { QueryClient } from "@tanstack/react-query";
import type { Video } from "../../api/client.ts";

/** Shows `change` in every table that has the video, before the server has said so. */
export function patchVideo(queries: QueryClient, id: string, change: (video: Video) => Video) {
  queries.setQueriesData(
    { queryKey: ["videos"], predicate: ({ queryKey }) => queryKey.at(-1) !== "count" },
    (page: Video[] | undefined) =>
      page?.some((video) => video.id === id)
        ? page.map((video) => (video.id === id ? change(video) : video))
        : page,
  );
}
