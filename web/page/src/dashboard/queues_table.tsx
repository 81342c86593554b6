import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ask, Badge, Empty, IconButton, toast, useErrorText } from "../kit/index.ts";
import type { Queue } from "./api.ts";
import { useDashboard } from "./context.ts";
import { useNumbers } from "./numbers.ts";
import type { Search } from "./search.ts";
import { numeric, Table, Td, Th } from "./table.tsx";

const states = ["queued", "deferred", "in_progress", "held", "complete", "failed"] as const;

/* Those over a limit are among the queued. */
function jobsOf(queue: Queue, state: (typeof states)[number]): Partial<Search> {
  return {
    view: state === "held" ? "limits" : "jobs",
    queue: queue.name,
    status: state === "held" ? undefined : state,
  };
}

function PauseButton({ of }: { of: Queue }) {
  const { t } = useTranslation("queue");
  const { queue } = useDashboard();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const params = { params: { path: { queue: of.name } } };
  const change = useMutation({
    mutationFn: () =>
      ask(
        of.paused
          ? queue.api.POST("/api/queues/{queue}/resume", params)
          : queue.api.POST("/api/queues/{queue}/pause", params),
      ),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["queue", "overview"] }),
  });

  return (
    <IconButton
      size="sm"
      label={t(of.paused ? "resumeQueue" : "pauseQueue", { queue: of.name })}
      disabled={change.isPending}
      onClick={() => change.mutate()}
    >
      {of.paused ? <Play /> : <Pause />}
    </IconButton>
  );
}

export function QueuesTable() {
  const { t } = useTranslation("queue");
  const { queue, go, canWrite } = useDashboard();
  const { count } = useNumbers();
  const queues = useQuery(queue.overview).data?.queues;

  if (queues?.length === 0) {
    return <Empty title={t("noQueues")}>{t("noQueuesText")}</Empty>;
  }
  return (
    <Table
      label={t("queues")}
      head={
        <>
          <Th>{t("queue")}</Th>
          {states.map((state) => (
            <Th key={state} className={numeric}>
              {t(`state.${state}`)}
            </Th>
          ))}
          <Th className={numeric}>{t("views.workers")}</Th>
          {canWrite && (
            <Th>
              <span className="sr-only">{t("actions")}</span>
            </Th>
          )}
        </>
      }
    >
      {queues?.map((one) => (
        <tr key={one.name}>
          <Td className="font-medium">
            <span className="flex items-center gap-2">
              {one.name}
              {one.paused && <Badge tone="warn">{t("paused")}</Badge>}
            </span>
          </Td>
          {states.map((state) => (
            <Td key={state} className={numeric}>
              {one[state] === 0 ? (
                <span className="text-muted">0</span>
              ) : (
                <button
                  type="button"
                  className={`underline decoration-line-strong underline-offset-4 hover:decoration-current ${state === "failed" ? "text-bad" : ""}`}
                  onClick={() => go(jobsOf(one, state))}
                >
                  {count(one[state])}
                </button>
              )}
            </Td>
          ))}
          <Td className={numeric}>{count(one.workers)}</Td>
          {canWrite && (
            <Td className="text-right">
              <PauseButton of={one} />
            </Td>
          )}
        </tr>
      ))}
    </Table>
  );
}
