import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Ago, Badge } from "../kit/index.ts";
import type { Job } from "./api.ts";

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-5 first:mt-0">
      <h3 className="mb-1.5 font-medium text-muted text-xs">{title}</h3>
      {children}
    </section>
  );
}

function Code({ text, name, tone = "" }: { text: string; name: string; tone?: string }) {
  return (
    <section
      aria-label={name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      className={`max-h-72 overflow-auto rounded-md bg-sunken p-3 ${tone}`}
    >
      <pre className="whitespace-pre-wrap break-words font-mono text-xs">{text}</pre>
    </section>
  );
}

function Facts({ job }: { job: Job }) {
  const { t } = useTranslation("queue");
  const facts: [string, ReactNode][] = [
    ["queue", job.queue],
    ["enqueued", <Ago key="enqueued" at={job.enqueued_at_ms} />],
    ["due", job.due_at_ms !== null && <Ago key="due" at={job.due_at_ms} />],
    ["started", job.started_at_ms !== null && <Ago key="started" at={job.started_at_ms} />],
    ["finished", job.finished_at_ms !== null && <Ago key="finished" at={job.finished_at_ms} />],
    ["tries", job.try > 0 && String(job.try)],
    ["priority", job.priority !== 0 && String(job.priority)],
    ["key", job.key],
    ["waitsForLabel", job.waits_for > 0 && t("waitsFor", { count: job.waits_for })],
    ["worker", job.worker],
  ];

  return (
    <dl className="grid grid-cols-[8rem_1fr] gap-x-3 gap-y-1.5">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{t(name)}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function History({ job }: { job: Job }) {
  const { t } = useTranslation("queue");

  return (
    <ol className="flex flex-col gap-2 border-l pl-4">
      {job.history.map((entry) => (
        <li key={`${entry.at_ms}-${entry.try}-${entry.event}`}>
          <div className="flex flex-wrap items-center gap-2">
            <Badge>{entry.event}</Badge>
            <span className="text-muted text-xs">
              {t("try", { number: entry.try })} · <Ago at={entry.at_ms} />
            </span>
          </div>
          {entry.error && <p className="mt-0.5 break-words text-bad text-xs">{entry.error}</p>}
        </li>
      ))}
    </ol>
  );
}

function json(value: unknown) {
  return JSON.stringify(value, null, 2);
}

/** What a job is, and what came of it. */
export function JobContent({ job }: { job: Job }) {
  const { t } = useTranslation("queue");

  return (
    <>
      <Part title={t("facts")}>
        <Facts job={job} />
      </Part>
      {job.progress && (
        <Part title={t("progressLabel")}>
          {t("progress", { done: job.progress.done, total: job.progress.total })}{" "}
          {job.progress.note}
        </Part>
      )}
      {job.error && (
        <Part title={t("error")}>
          <Code name={t("error")} text={job.error} tone="text-bad" />
        </Part>
      )}
      <Part title={t("arguments")}>
        <Code name={t("arguments")} text={json({ args: job.args, kwargs: job.kwargs })} />
      </Part>
      {job.status === "complete" && (
        <Part title={t("result")}>
          <Code name={t("result")} text={json(job.result)} />
        </Part>
      )}
      {job.history.length > 0 && (
        <Part title={t("history")}>
          <History job={job} />
        </Part>
      )}
      {job.log && (
        <Part title={t("log")}>
          <Code name={t("log")} text={job.log} />
        </Part>
      )}
    </>
  );
}
