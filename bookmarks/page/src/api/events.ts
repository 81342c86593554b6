import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { ServerEvent } from "./client.ts";

/*
 * What happens on the server, as it happens. One stream a tab that is seen: the browser comes back by itself after a
 * lost connection and says which event it saw last, so nothing is missed (Last-Event-ID).
 */
type Listener = (events: ServerEvent[]) => void;

/* The server names its events, and a browser hands out those only whose name is asked for. */
const kinds = [
  "run.started",
  "run.paused",
  "run.resumed",
  "run.retried",
  "run.cancelled",
  "run.failed",
  "run.finished",
  "run.previewed",
  "videos.added",
  "videos.described",
  "video.completed",
  "video.failed",
  "video.availability",
  "hold.began",
  "hold.ended",
  "source.expanded",
  "source.failed",
];

/* Events of a run come by the hundred; whoever shows them needs no more than this. */
const GATHER_MS = 400;
const AGAIN_MS = 3000;

/* What changes by itself is not asked for more often. */
const REFRESH_MS = 2000;

const listeners = new Set<(event: ServerEvent) => void>();
const stateListeners = new Set<() => void>();
let isConnected = true;
let lastSeq: number | undefined;

function setConnected(now: boolean) {
  if (now !== isConnected) {
    isConnected = now;
    for (const tell of stateListeners) {
      tell();
    }
  }
}

function open(): () => void {
  const address = new URL("api/events", document.baseURI);
  if (lastSeq !== undefined) {
    address.searchParams.set("after", String(lastSeq));
  }
  const source = new EventSource(address);
  let again: ReturnType<typeof setTimeout> | undefined;
  let close = () => {
    source.close();
    clearTimeout(again);
  };

  source.onopen = () => setConnected(true);
  const take = (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as ServerEvent;
    lastSeq = event.seq;
    for (const tell of listeners) {
      tell(event);
    }
  };
  for (const kind of kinds) {
    source.addEventListener(kind, take);
  }
  source.onerror = () => {
    setConnected(false);
    /* A browser gives up when the answer was no stream, as while the server starts. */
    if (source.readyState === EventSource.CLOSED) {
      again = setTimeout(() => {
        close = open();
      }, AGAIN_MS);
    }
  };
  return () => close();
}

/** Calls `listen` with what has happened, some at a time, at most once in `everyMs`. */
export function onEvents(listen: Listener, everyMs = GATHER_MS) {
  let gathered: ServerEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const flush = () => {
    const events = gathered;
    gathered = [];
    timer = undefined;
    last = Date.now();
    listen(events);
  };
  const take = (event: ServerEvent) => {
    gathered.push(event);
    timer ??= setTimeout(flush, Math.max(GATHER_MS, last + everyMs - Date.now()));
  };

  listeners.add(take);
  return () => {
    listeners.delete(take);
    clearTimeout(timer);
  };
}

export function useConnected() {
  return useSyncExternalStore(
    (tell) => {
      stateListeners.add(tell);
      return () => stateListeners.delete(tell);
    },
    () => isConnected,
  );
}

/* Which queries an event makes old. Tables of videos look after themselves: see table/. */
function refresh(queries: QueryClient, events: ServerEvent[]) {
  const kinds = new Set(events.map((event) => event.kind.split(".")[0]));
  const videos = new Set(events.map((event) => event.video_id).filter((id) => id !== null));

  for (const id of videos) {
    void queries.invalidateQueries({ queryKey: ["video", id] });
  }
  if (["run", "video", "videos"].some((kind) => kinds.has(kind))) {
    void queries.invalidateQueries({ queryKey: ["lists"] });
  }
  void queries.invalidateQueries({ queryKey: ["runs"] });
  if (kinds.has("hold")) {
    void queries.invalidateQueries({ queryKey: ["holds"] });
    void queries.invalidateQueries({ queryKey: ["usage"] });
  }
  if (kinds.has("video")) {
    void queries.invalidateQueries({ queryKey: ["channels"] });
  }
}

/**
 * While somebody looks: a browser has six connections to a server for all its tabs, and the seventh tab would
 * wait for ever. Who comes back hears what was missed, and without a position asks for everything.
 */
function followWhileSeen(refreshAll: () => void) {
  let close: (() => void) | undefined;
  let wasAway = false;
  const look = () => {
    if (document.hidden) {
      close?.();
      close = undefined;
      wasAway = true;
    } else if (!close) {
      close = open();
      if (wasAway && lastSeq === undefined) {
        refreshAll();
      }
    }
  };

  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    close?.();
  };
}

/** Once, at the root of the page. */
export function useEvents() {
  const queries = useQueryClient();

  useEffect(() => {
    const stop = onEvents((events) => refresh(queries, events), REFRESH_MS);
    const close = followWhileSeen(() => void queries.invalidateQueries());
    return () => {
      stop();
      close();
    };
  }, [queries]);
}
