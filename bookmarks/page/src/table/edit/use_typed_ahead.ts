import { useEffect, useRef } from "react";

/** Gives it to whoever has the focus now, as if it were typed there. */
function type(text: string, isEnded: boolean) {
  document.execCommand("insertText", false, text);
  if (isEnded) {
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    /* React has taken the text in by then, and shows what it means. */
    setTimeout(() => document.activeElement?.dispatchEvent(enter));
  }
}

/**
 * Keeps the letters that are typed for an editor whose code is still on its way, and gives them to it. Whoever presses
 * elsewhere meanwhile, Tab or Escape, does not want it any more: `onLeave`.
 */
export function useTypedAhead(isThere: boolean, onLeave: () => void) {
  const typed = useRef({ text: "", isEnded: false });

  useEffect(() => {
    if (isThere) {
      const { text, isEnded } = typed.current;
      if (text !== "" || isEnded) {
        type(text, isEnded);
      }
      return;
    }
    const keep = (event: KeyboardEvent) => {
      const isLetter = event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;
      if (isLetter && !typed.current.isEnded) {
        typed.current.text += event.key;
      } else if (event.key === "Backspace") {
        typed.current.text = typed.current.text.slice(0, -1);
      } else if (event.key === "Enter") {
        typed.current.isEnded = true;
      } else if (event.key === "Escape") {
        onLeave();
      } else {
        if (event.key === "Tab") {
          onLeave();
        }
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener("keydown", keep, true);
    addEventListener("pointerdown", onLeave);
    return () => {
      removeEventListener("keydown", keep, true);
      removeEventListener("pointerdown", onLeave);
    };
  }, [isThere, onLeave]);
}
