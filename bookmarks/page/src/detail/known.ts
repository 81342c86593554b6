import type { QueryClient } from "@tanstack/react-query";
import type { Video, WholeVideo } from "../api/client.ts";

/** Shows `change` wherever the video is on the page: here, and in the tables (pages of ["videos", ...]). */
export function changeKnown(
  queries: QueryClient,
  id: string,
  change: (video: WholeVideo) => WholeVideo,
) {
  let now: WholeVideo | undefined;

  queries.setQueryData<WholeVideo>(["video", id], (old) => {
    now = old && change(old);
    return now;
  });
  queries.setQueriesData<unknown>({ queryKey: ["videos"] }, (page: unknown) =>
    now && Array.isArray(page) && page.some((one: Video) => one?.id === id)
      ? page.map((one: Video) => (one.id === id ? { ...one, ...now } : one))
      : page,
  );
}
