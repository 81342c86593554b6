import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";

let isMissing = false;
const listeners = new Set<() => void>();

/** A part of the page was wanted, and could not come. */
export function tellMissing() {
  isMissing = true;
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * Says so, and what helps. Of a server that is newer than the page the old parts are gone; and browsers may not ask
 * again for what they once did not get.
 */
export function Missing() {
  const { t } = useTranslation("kit");
  const isShown = useSyncExternalStore(subscribe, () => isMissing);

  return (
    isShown && (
      <div
        role="alert"
        className="fixed inset-x-4 bottom-4 z-[60] mx-auto flex w-fit max-w-full items-center gap-3 rounded-lg border bg-raised px-4 py-2 shadow-raised"
      >
        {t("missing")}
        <Button size="sm" onClick={() => location.reload()}>
          {t("reload")}
        </Button>
      </div>
    )
  );
}
