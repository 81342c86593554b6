import { Badge, type Tone } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Run } from "../api/client.ts";
import { useServiceName } from "./hold_note.tsx";

const tones: Record<Run["status"], Tone> = {
  running: "accent",
  paused: "warn",
  cancelled: "plain",
  completed: "ok",
  completed_with_errors: "bad",
};

export function RunBadge({ run }: { run: Run }) {
  const { t } = useTranslation();
  const isHeld = run.status === "running" && run.holds.length > 0;

  return (
    <Badge tone={isHeld ? "warn" : tones[run.status]}>
      {t(isHeld ? "runs:status.held" : `runs:status.${run.status}`)}
    </Badge>
  );
}

/** What a run waits for, or ended of, in a sentence; undefined: it just goes on. */
export function useRunText() {
  const { t } = useTranslation();
  const serviceName = useServiceName();

  return (run: Run) => {
    const hold = run.holds[0];

    if (run.error) {
      return t("runs:endedOf", { error: run.error });
    }
    if (run.status === "paused") {
      return t("runs:isPaused");
    }
    if (run.status === "running" && hold) {
      return t("runs:waitsFor", { service: serviceName(hold.service), reason: hold.reason });
    }
    return undefined;
  };
}
