import { createContext, useContext, useSyncExternalStore } from "react";

/** Where the player is. It tells four times a second, so who needs less asks with `useMoment`. */
export type Moment = {
  seconds: number;
  isPlaying: boolean;
  /** Somebody has pressed play: before that nothing is loaded. */
  isStarted: boolean;
  /** Where it is to go on; the player takes it. A number anew each time, so that the same is asked for twice. */
  wish: { seconds: number; count: number } | undefined;
};

/** A player and those who look at it, of one video. */
export function makePlayback(startSeconds: number) {
  let moment: Moment = {
    seconds: startSeconds,
    isPlaying: false,
    isStarted: false,
    wish: undefined,
  };
  const listeners = new Set<() => void>();
  const set = (change: Partial<Moment>) => {
    moment = { ...moment, ...change };
    for (const tell of listeners) {
      tell();
    }
  };

  return {
    get: () => moment,
    set,
    subscribe: (tell: () => void) => {
      listeners.add(tell);
      return () => {
        listeners.delete(tell);
      };
    },
    /** Plays from there, and begins to if it has not. */
    jump: (seconds: number) =>
      set({
        seconds,
        isStarted: true,
        wish: { seconds, count: (moment.wish?.count ?? 0) + 1 },
      }),
  };
}
export type Playback = ReturnType<typeof makePlayback>;

export const PlaybackContext = createContext<Playback>(makePlayback(0));

export const usePlayback = () => useContext(PlaybackContext);

/** Renders anew only when what `pick` returns is another. */
export function useMoment<Part>(pick: (moment: Moment) => Part): Part {
  const playback = usePlayback();

  return useSyncExternalStore(playback.subscribe, () => pick(playback.get()));
}
