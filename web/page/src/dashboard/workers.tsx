import { useQuery } from "@tanstack/react-query";
import { Server } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Ago, Badge, Empty, type Tone } from "../kit/index.ts";
import type { Executor, Worker } from "./api.ts";
import { useDashboard } from "./context.ts";
import { useNumbers } from "./numbers.ts";
import { numeric, Table, Td, Th } from "./table.tsx";

const tones: Record<Executor["state"], Tone> = {
  off: "plain",
  starting: "info",
  idle: "ok",
  busy: "accent",
  stopping: "warn",
};

function ExecutorRow({ executor }: { executor: Executor }) {
  const { t } = useTranslation("queue");
  const { go } = useDashboard();
  const { count, bytes } = useNumbers();

  return (
    <tr>
      <Td>{executor.number === 0 ? t("house") : executor.number}</Td>
      <Td>
        <Badge tone={tones[executor.state]}>{t(`executorState.${executor.state}`)}</Badge>
      </Td>
      <Td className={numeric}>{executor.pid ?? "–"}</Td>
      <Td className={numeric}>
        {executor.memory_bytes === null ? "–" : bytes(executor.memory_bytes)}
      </Td>
      <Td className={numeric}>{count(executor.jobs)}</Td>
      <Td className={numeric}>{count(executor.restarts)}</Td>
      <Td className={`${numeric} ${executor.crashes > 0 ? "text-bad" : ""}`}>
        {count(executor.crashes)}
      </Td>
      <Td>
        {executor.running.map((id) => (
          <button
            key={id}
            type="button"
            className="mr-2 max-w-48 truncate font-mono text-xs hover:underline"
            onClick={() => go({ job: id })}
          >
            {id}
          </button>
        ))}
      </Td>
    </tr>
  );
}

function WorkerCard({ worker }: { worker: Worker }) {
  const { t } = useTranslation("queue");
  const { count, bytes } = useNumbers();
  const queues = worker.queues.map((one) =>
    worker.queues.length > 1 ? `${one.name}:${one.weight}` : one.name,
  );

  return (
    <section className="flex flex-col gap-2">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 className="font-medium font-mono">{worker.name}</h2>
        <span className="text-muted text-xs">
          {t("workerLine", {
            queues: queues.join(" "),
            running: count(worker.running),
            complete: count(worker.complete),
            failed: count(worker.failed),
          })}
        </span>
        {worker.memory_bytes !== null && (
          <span className="text-muted text-xs">
            {t("dispatcherMemory", { memory: bytes(worker.memory_bytes) })}
          </span>
        )}
        <span className="ml-auto text-muted text-xs">
          {t("startedLabel")} <Ago at={worker.started_at_ms} />
        </span>
      </div>
      <Table
        label={t("executorsOf", { worker: worker.name })}
        head={
          <>
            <Th>{t("executor")}</Th>
            <Th>{t("status")}</Th>
            <Th className={numeric}>PID</Th>
            <Th className={numeric}>{t("memory")}</Th>
            <Th className={numeric}>{t("views.jobs")}</Th>
            <Th className={numeric}>{t("restarts")}</Th>
            <Th className={numeric}>{t("crashes")}</Th>
            <Th className="w-1/3">{t("runs")}</Th>
          </>
        }
      >
        {worker.executor_list.map((executor) => (
          <ExecutorRow key={executor.number} executor={executor} />
        ))}
      </Table>
    </section>
  );
}

export function WorkersView() {
  const { t } = useTranslation("queue");
  const { queue } = useDashboard();
  const workers = useQuery(queue.workers).data?.workers;

  if (workers?.length === 0) {
    return (
      <Empty icon={<Server />} title={t("noWorkers")}>
        {t("noWorkersText")}
      </Empty>
    );
  }
  return (
    <div className="flex flex-col gap-6">
      {workers?.map((worker) => (
        <WorkerCard key={worker.name} worker={worker} />
      ))}
    </div>
  );
}
