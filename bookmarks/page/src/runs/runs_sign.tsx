import { useQuery } from "@tanstack/react-query";
import { cn } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { runsQuery } from "../api/queries.ts";

/** Beside "Runs": whether something runs, is held, or has failed lately. */
export function RunsSign() {
  const { t, i18n } = useTranslation();
  const runs = useQuery(runsQuery).data ?? [];
  const running = runs.filter(({ status }) => status === "running");
  const waiting = running.reduce((sum, run) => sum + run.waiting_count, 0);
  const isHeld = running.length > 0 && running.every(({ holds }) => holds.length > 0);
  const hasFailed = runs[0]?.status === "completed_with_errors";

  if (running.length === 0 && !hasFailed) {
    return null;
  }
  const text =
    running.length === 0
      ? t("runs:lastFailed")
      : t(isHeld ? "runs:signHeld" : "runs:signRunning", { count: waiting });

  return (
    <span
      className="ml-auto flex items-center gap-1.5 pl-2 text-muted text-xs tabular-nums"
      title={text}
    >
      {waiting > 0 && <span aria-hidden>{waiting.toLocaleString(i18n.language)}</span>}
      <span
        role="img"
        aria-label={text}
        className={cn(
          "size-2 rounded-full",
          running.length === 0 ? "bg-bad" : isHeld ? "bg-warn" : "bg-accent",
        )}
      />
    </span>
  );
}
