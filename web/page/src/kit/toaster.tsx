import { useEffect, useState, useSyncExternalStore } from "react";
import { onDemand, useOnDemand } from "./on_demand.ts";
import { unheard } from "./toast.ts";

const code = onDemand(() => import("./toasts.tsx"));

/** Where toasts are shown. Its code comes when a hand is there: the first of them may be that the server is away. */
export function Toaster() {
  const waiting = useSyncExternalStore(unheard.subscribe, unheard.get);
  /* If it could not come, the next toast asks again, and brings those before it along. */
  const [missed, setMissed] = useState(0);
  const had = useOnDemand(code, waiting.length > missed, () => setMissed(unheard.get().length));

  useEffect(() => {
    const fetch = () => void code.fetch().catch(() => undefined);
    addEventListener("pointerdown", fetch, { once: true });
    addEventListener("keydown", fetch, { once: true });
    return () => {
      removeEventListener("pointerdown", fetch);
      removeEventListener("keydown", fetch);
    };
  }, []);

  return had && <had.Toasts />;
}
