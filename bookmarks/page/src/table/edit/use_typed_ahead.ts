import { useEffect, useRef } from "react";

/* React has taken one key in before the next one comes. */
const taken = () => new Promise((done) => setTimeout(done));

async function replay(keys: string[]) {
  for (let key = keys.shift(); key; key = keys.shift()) {
    const told = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    const isPlain = document.activeElement?.dispatchEvent(told) ?? false;
    if (isPlain && key.length === 1) {
      document.execCommand("insertText", false, key);
    }
    await taken();
  }
}

/** Keeps what is typed for an editor whose code is still on its way, and gives it to it. */
export function useTypedAhead(isThere: boolean) {
  const keys = useRef<string[]>([]);

  useEffect(() => {
    const keep = (event: KeyboardEvent) => {
      if (event.isTrusted && !event.ctrlKey && !event.altKey && !event.metaKey) {
        event.preventDefault();
        event.stopPropagation();
        keys.current.push(event.key);
      }
    };
    const stop = () => removeEventListener("keydown", keep, true);

    addEventListener("keydown", keep, true);
    if (isThere) {
      /* What is typed while it is given comes after it. */
      void replay(keys.current).then(stop);
    }
    return stop;
  }, [isThere]);
}
