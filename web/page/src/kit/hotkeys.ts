import { useEffect, useRef } from "react";

function isTyping(target: EventTarget | null) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input:not([type=checkbox],[type=radio]),textarea,select"))
  );
}

/**
 * Single keys ("j", "/", "?", "Escape"), as in a mail reader: not while somebody types, and not with Ctrl, Alt or
 * Meta. A dialog that is open has the keys to itself.
 */
export function useHotkeys(keys: Record<string, (event: KeyboardEvent) => void>) {
  const latest = useRef(keys);
  latest.current = keys;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const run = latest.current[event.key];
      const isElsewhere =
        isTyping(event.target) ||
        document.querySelector("[role=dialog][data-state=open],[role=menu]");

      if (
        run &&
        !isElsewhere &&
        !event.ctrlKey &&
        !event.altKey &&
        !event.metaKey &&
        !event.defaultPrevented
      ) {
        event.preventDefault();
        run(event);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
