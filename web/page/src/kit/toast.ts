import type { ExternalToast } from "sonner";

type Kind = "message" | "success" | "info" | "warning" | "error" | "loading";
export type Told = { kind: Kind; text: string; options: ExternalToast | undefined };

/* Sonner's own, unless said. */
const DURATION_MS = 4000;

let waiting: (Told & { until: number })[] = [];
let tell: ((told: Told) => void) | undefined;
const listeners = new Set<() => void>();

const say =
  (kind: Kind) =>
  (text: string, options?: ExternalToast): void => {
    const told = { kind, text, options };
    if (tell) {
      tell(told);
      return;
    }
    waiting = [...waiting, { ...told, until: Date.now() + (options?.duration ?? DURATION_MS) }];
    for (const listener of listeners) {
      listener();
    }
  };

/** A word at the bottom of the screen, which goes again by itself. The first of them waits for the Toaster. */
export const toast = Object.assign(say("message"), {
  success: say("success"),
  info: say("info"),
  warning: say("warning"),
  error: say("error"),
  loading: say("loading"),
});

/** What has been said while nobody could show it: a store, as useSyncExternalStore wants one. */
export const unheard = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  get: () => waiting,
};

/** From now on `show` is told, first what has been waiting and is still worth saying: an undo is over with its time. */
export function hear(show: (told: Told) => void) {
  tell = show;
  for (const told of waiting.filter((one) => one.until > Date.now())) {
    show(told);
  }
  waiting = [];
  return () => {
    tell = undefined;
  };
}
