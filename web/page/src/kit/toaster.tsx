import { useState, useSyncExternalStore } from "react";
import { onDemand, useOnDemand } from "./on_demand.ts";
import { unheard } from "./toast.ts";

const code = onDemand(() => import("./toasts.tsx"));

/** Where toasts are shown. Its code comes with the first of them. */
export function Toaster() {
  const waiting = useSyncExternalStore(unheard.subscribe, unheard.get);
  /* If it could not come, the next toast asks again, and brings those before it along. */
  const [missed, setMissed] = useState(0);
  const had = useOnDemand(code, waiting.length > missed, () => setMissed(unheard.get().length));

  return had && <had.Toasts />;
}
