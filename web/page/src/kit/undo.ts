import i18next from "i18next";
import { toast } from "./toast.ts";

/** So long a person may change their mind. */
export const UNDO_MS = 6000;

const pending = new Set<() => void>();

/* Whoever closes the tab has not asked for it to be undone. */
addEventListener("pagehide", () => {
  for (const commit of [...pending]) {
    commit();
  }
});

/**
 * Says what was done, and does it when nobody has taken it back: in UNDO_MS, or when the page goes
 * away (so `commit` asks with keepalive). `undo` shows what `commit` has not taken away yet.
 */
export function doUnlessUndone(
  text: string,
  { commit, undo }: { commit: () => void; undo: () => void },
) {
  const finish = () => {
    clearTimeout(timer);
    if (pending.delete(finish)) {
      commit();
    }
  };
  const timer = setTimeout(finish, UNDO_MS);

  pending.add(finish);
  toast(text, {
    duration: UNDO_MS,
    action: {
      label: i18next.t("kit:undo"),
      onClick: () => {
        clearTimeout(timer);
        if (pending.delete(finish)) {
          undo();
        }
      },
    },
  });
}
