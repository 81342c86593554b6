import { useTranslation } from "react-i18next";
import { Ago, Badge, Checkbox, Meter, spanTime, useNow } from "../kit/index.ts";
import type { JobSummary } from "./api.ts";
import { useDashboard } from "./context.ts";
import { StatusBadge } from "./status_badge.tsx";
import { Table, Td, Th } from "./table.tsx";

/** The instant that says most of a job, by its state. */
function When({ job }: { job: JobSummary }) {
  const { t } = useTranslation("queue");
  const now = useNow(1000);

  if (job.status === "in_progress" && job.started_at_ms !== null) {
    return t("runningFor", { span: spanTime(Math.max(0, now.getTime() - job.started_at_ms)) });
  }
  if (job.waits_for > 0) {
    return t("waitsFor", { count: job.waits_for });
  }
  return <Ago at={job.finished_at_ms ?? job.due_at_ms ?? job.enqueued_at_ms} />;
}

function Story({ job }: { job: JobSummary }) {
  const { t } = useTranslation("queue");
  const progress = job.progress;

  if (job.status === "in_progress" && progress && progress.total > 0) {
    const said = progress.note ?? `${progress.done} / ${progress.total}`;
    return (
      <div className="flex min-w-40 items-center gap-2">
        <Meter
          label={t("progress", { done: progress.done, total: progress.total })}
          total={progress.total}
          parts={[{ value: progress.done, className: "bg-accent", label: "done" }]}
        />
        <span className="shrink-0 text-muted text-xs">{said}</span>
      </div>
    );
  }
  return job.error ? (
    <span className="line-clamp-1 break-all text-bad">{job.error}</span>
  ) : (
    <span className="line-clamp-1 break-all font-mono text-muted text-xs">{job.args_text}</span>
  );
}

function Row({
  job,
  isChosen,
  onChoose,
}: {
  job: JobSummary;
  isChosen: boolean;
  onChoose: (chosen: boolean) => void;
}) {
  const { t } = useTranslation("queue");
  const { go, canWrite } = useDashboard();

  return (
    <tr className={isChosen ? "bg-accent-soft/50" : "hover:bg-sunken/60"}>
      {canWrite && (
        <Td className="w-8 pr-0">
          <Checkbox
            aria-label={t("choose", { id: job.id })}
            checked={isChosen}
            onCheckedChange={(checked) => onChoose(checked === true)}
          />
        </Td>
      )}
      <Td>
        <StatusBadge status={job.status} />
      </Td>
      <Td className="max-w-36 sm:max-w-64">
        <button
          type="button"
          className="block max-w-full truncate text-left font-medium hover:underline"
          onClick={() => go({ job: job.id })}
        >
          {job.function}
        </button>
        <span className="block truncate font-mono text-muted text-xs">{job.id}</span>
        <div className="sm:hidden">
          <Story job={job} />
        </div>
      </Td>
      <Td className="hidden w-1/2 min-w-56 max-w-md sm:table-cell">
        <Story job={job} />
      </Td>
      <Td className="whitespace-nowrap py-1.5 text-muted">
        {job.try > 1 && <Badge className="mr-2">{t("try", { number: job.try })}</Badge>}
        <When job={job} />
      </Td>
    </tr>
  );
}

export function JobsTable({
  jobs,
  chosen,
  onChoose,
}: {
  jobs: JobSummary[];
  chosen: Set<string>;
  onChoose: (chosen: Set<string>) => void;
}) {
  const { t } = useTranslation("queue");
  const { canWrite } = useDashboard();
  const all = jobs.length > 0 && jobs.every((job) => chosen.has(job.id));
  const toggle = (id: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) {
      next.add(id);
    } else {
      next.delete(id);
    }
    onChoose(next);
  };

  return (
    <Table
      label={t("views.jobs")}
      head={
        <>
          {canWrite && (
            <Th className="w-8 pr-0">
              <Checkbox
                aria-label={t("chooseAll")}
                checked={all || (chosen.size > 0 && "indeterminate")}
                onCheckedChange={() => onChoose(new Set(all ? [] : jobs.map((job) => job.id)))}
              />
            </Th>
          )}
          <Th>{t("status")}</Th>
          <Th>{t("function")}</Th>
          <Th className="hidden sm:table-cell">{t("story")}</Th>
          <Th>{t("when")}</Th>
        </>
      }
    >
      {jobs.map((job) => (
        <Row
          key={job.id}
          job={job}
          isChosen={chosen.has(job.id)}
          onChoose={(isChosen) => toggle(job.id, isChosen)}
        />
      ))}
    </Table>
  );
}
