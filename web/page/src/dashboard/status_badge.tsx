import { useTranslation } from "react-i18next";
import { Badge, type Tone } from "../kit/index.ts";
import type { JobStatus } from "./api.ts";

const tones: Record<JobStatus, Tone> = {
  deferred: "plain",
  queued: "info",
  in_progress: "accent",
  complete: "ok",
  failed: "bad",
};

export function StatusBadge({ status }: { status: JobStatus }) {
  const { t } = useTranslation("queue");

  return <Badge tone={tones[status]}>{t(`state.${status}`)}</Badge>;
}
