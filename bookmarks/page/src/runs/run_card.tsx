import { Link } from "@tanstack/react-router";
import { Ago, cn } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Run } from "../api/client.ts";
import { RunActions } from "./run_actions.tsx";
import { partsOf, RunMeter } from "./run_counts.tsx";
import { RunBadge, useRunText } from "./run_state.tsx";
import { RunKind, useListName } from "./run_title.tsx";

export function RunCard({ run }: { run: Run }) {
  const { t } = useTranslation();
  const listName = useListName();
  const text = useRunText()(run);

  return (
    <li className="flex flex-col gap-3 rounded-xl border bg-surface p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-60 flex-wrap items-center gap-2">
          <Link
            to="/runs/$runId"
            params={{ runId: run.id }}
            className="truncate font-medium hover:underline"
          >
            {t("runs:titleOf", { list: listName(run.list_id), count: run.total_videos })}
          </Link>
          <RunBadge run={run} />
          <RunKind run={run} />
          <Ago at={run.finished_at ?? run.started_at} className="text-[13px] text-muted" />
        </div>
        <RunActions run={run} />
      </div>
      <RunMeter parts={partsOf(run)} total={run.total_videos} />
      {text && <p className={cn("text-[13px]", run.error ? "text-bad" : "text-muted")}>{text}</p>}
    </li>
  );
}
