import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Subscription } from "../api/client.ts";
import { onEvents } from "../api/events.ts";

/* A poll that finds nothing tells of nothing, so what was asked for now is looked at until it is there. */
const LOOK_EVERY_MS = 2000;

/** Keeps subscriptions as they are on the server: news of videos may be theirs, and time passes. */
export function usePolled() {
  const queries = useQueryClient();

  useEffect(() => {
    const refresh = () => void queries.invalidateQueries({ queryKey: ["subscriptions"] });
    const stop = onEvents((events) => {
      if (events.some((event) => /^(videos|source|subscription)\./.test(event.kind))) {
        refresh();
      }
    });
    const timer = setInterval(() => {
      const all = queries.getQueryData<Subscription[]>(["subscriptions"]);
      const isAwaited = ({ last_polled_at: last, next_poll_at: next }: Subscription) =>
        last === null || (next !== null && Date.parse(next) <= Date.now());
      if (all?.some(isAwaited)) {
        refresh();
      }
    }, LOOK_EVERY_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [queries]);
}
