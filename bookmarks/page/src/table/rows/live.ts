import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ServerEvent, Video } from "../../api/client.ts";
import { onEvents } from "../../api/events.ts";

/* A run tells of every video: a page in sight is asked for again at most so often. */
const EVERY_MS = 1000;

type News = { videos: Set<string>; isOther: boolean };

const isOfList = (event: ServerEvent, listId: string | undefined) =>
  listId === undefined || event.list_id === null || event.list_id === listId;

function newsOf(events: ServerEvent[], listId: string | undefined): News {
  const ours = events.filter((event) => isOfList(event, listId));

  return {
    videos: new Set(ours.map((event) => event.video_id).filter((id) => id !== null)),
    isOther: ours.some(
      ({ video_id, kind }) => !video_id && (kind.startsWith("run.") || kind.startsWith("videos.")),
    ),
  };
}

/* Pages that nobody looks at are only marked, and asked for when somebody does. */
function refresh(queries: QueryClient, { videos, isOther }: News) {
  void queries.invalidateQueries({
    queryKey: ["videos"],
    predicate: ({ queryKey, state }) => {
      if (isOther || queryKey.at(-1) === "count") {
        return isOther || (queryKey[2] as { q: string }).q !== "";
      }
      const page = state.data as Video[] | undefined;
      return page === undefined || page.some((video) => videos.has(video.id));
    },
  });
}

/** Keeps what is in sight as the server has it. */
export function useLive(listId: string | undefined) {
  const queries = useQueryClient();

  useEffect(
    () =>
      onEvents((events) => {
        const news = newsOf(events, listId);
        if (news.videos.size > 0 || news.isOther) {
          refresh(queries, news);
        }
      }, EVERY_MS),
    [queries, listId],
  );
}
