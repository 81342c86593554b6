import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ServerEvent, Video } from "../../api/client.ts";
import { onEvents } from "../../api/events.ts";

/* A run tells of every video: a page in sight is asked for again at most so often. */
const EVERY_MS = 1000;

type News = { videos: Set<string>; isOther: boolean };

const isOfList = (event: ServerEvent, listId: string | undefined) =>
  listId === undefined || event.list_id === null || event.list_id === listId;

function gather(news: News, events: ServerEvent[], listId: string | undefined) {
  for (const event of events.filter((one) => isOfList(one, listId))) {
    if (event.video_id) {
      news.videos.add(event.video_id);
    } else if (event.kind.startsWith("run.") || event.kind.startsWith("videos.")) {
      news.isOther = true;
    }
  }
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

  useEffect(() => {
    let news: News = { videos: new Set(), isOther: false };
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const flush = () => {
      const all = news;
      news = { videos: new Set(), isOther: false };
      timer = undefined;
      last = Date.now();
      refresh(queries, all);
    };
    const stop = onEvents((events) => {
      gather(news, events, listId);
      if ((news.videos.size > 0 || news.isOther) && timer === undefined) {
        timer = setTimeout(flush, Math.max(0, last + EVERY_MS - Date.now()));
      }
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [queries, listId]);
}
