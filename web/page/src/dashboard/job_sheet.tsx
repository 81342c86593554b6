import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Button, ErrorNote, Sheet } from "../kit/index.ts";
import { actionsOf, useAction } from "./actions.ts";
import { useDashboard } from "./context.ts";
import { JobContent } from "./job_content.tsx";
import { StatusBadge } from "./status_badge.tsx";

/** All that is known of a job, beside the table that it is in. */
export function JobSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("queue");
  const { queue, canWrite } = useDashboard();
  const job = useQuery(queue.job(id));
  const act = useAction();

  return (
    <Sheet
      open
      onOpenChange={onClose}
      className="w-[min(40rem,100vw)]"
      title={job.data?.function ?? t("job")}
      description={
        <span className="flex flex-wrap items-center gap-2">
          {job.data && <StatusBadge status={job.data.status} />}
          <span className="break-all font-mono text-xs">{id}</span>
        </span>
      }
      actions={
        canWrite &&
        job.data &&
        actionsOf[job.data.status].map((action) => (
          <Button
            key={action}
            look={action === "delete" ? "danger" : "plain"}
            disabled={act.isPending}
            onClick={() =>
              act.mutate(
                { action, whom: { ids: [id] } },
                { onSuccess: () => action === "delete" && onClose() },
              )
            }
          >
            {t(`action.${action}`)}
          </Button>
        ))
      }
    >
      {job.error && <ErrorNote error={job.error} onRetry={() => job.refetch()} />}
      {job.data && <JobContent job={job.data} />}
    </Sheet>
  );
}
