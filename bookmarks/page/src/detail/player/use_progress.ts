import { useQueryClient } from "@tanstack/react-query";
import { ask } from "barq-web/kit";
import { useEffect } from "react";
import { api } from "../../api/client.ts";
import { changeKnown } from "../known.ts";
import { usePlayback } from "./playback.ts";

const SAVE_EVERY_SECONDS = 10;

/** Keeps how far the video was watched: every ten seconds, on a pause, and when one goes away. */
export function useProgress(id: string) {
  const queries = useQueryClient();
  const playback = usePlayback();

  useEffect(() => {
    let saved = playback.get().seconds;
    let wasPlaying = false;
    const save = (keepalive: boolean) => {
      const position = Math.floor(playback.get().seconds);
      if (!playback.get().isStarted || position === Math.floor(saved)) {
        return;
      }
      saved = position;
      ask(
        api.PATCH("/api/videos/{id}/progress", {
          params: { path: { id } },
          body: { position },
          keepalive,
        }),
      ).then(
        (now) =>
          changeKnown(queries, id, (video) => ({
            ...video,
            watch_position: now.watch_position,
            watched_at: now.watched_at,
          })),
        () => undefined /* the next one tells it again; nobody waits for it */,
      );
    };
    const look = () => {
      const { seconds, isPlaying } = playback.get();
      if ((wasPlaying && !isPlaying) || Math.abs(seconds - saved) >= SAVE_EVERY_SECONDS) {
        save(false);
      }
      wasPlaying = isPlaying;
    };
    const leave = () => save(true);

    const stop = playback.subscribe(look);
    addEventListener("pagehide", leave);
    return () => {
      stop();
      removeEventListener("pagehide", leave);
      save(true);
    };
  }, [id, playback, queries]);
}
