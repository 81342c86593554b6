import { Button } from "barq-web/kit";
import { Pause, Play, RotateCcw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Run } from "../api/client.ts";
import { type Change, useRunChange } from "./use_run_change.ts";

/** What can be done with a run as it is now. */
export function RunActions({ run }: { run: Run }) {
  const { t } = useTranslation();
  const change = useRunChange();
  const button = (how: Change["how"], icon: React.ReactNode) => (
    <Button size="sm" className="max-sm:h-9" onClick={() => change.mutate({ run, how })}>
      {icon}
      {t(`runs:do.${how}`)}
    </Button>
  );
  const isOpen = run.status === "running" || run.status === "paused";

  return (
    <div className="flex flex-wrap gap-2">
      {run.status === "running" && button("pause", <Pause />)}
      {run.status === "paused" && button("resume", <Play />)}
      {run.failed_count > 0 && !run.dry_run && (
        <Button
          size="sm"
          className="max-sm:h-9"
          onClick={() => change.mutate({ run, how: "retry" })}
        >
          <RotateCcw />
          {t("runs:retryFailed", { count: run.failed_count })}
        </Button>
      )}
      {isOpen && button("cancel", <X />)}
    </div>
  );
}
