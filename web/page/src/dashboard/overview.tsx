import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, spanTime } from "../kit/index.ts";
import type { Sample, Span } from "./api.ts";
import { Chart, type Line } from "./chart.tsx";
import { useDashboard } from "./context.ts";
import { useNumbers } from "./numbers.ts";
import { QueuesTable } from "./queues_table.tsx";
import type { Search } from "./search.ts";

function Tile({ name, value, to }: { name: string; value: string; to?: Partial<Search> }) {
  const { go } = useDashboard();
  const content = (
    <>
      <span className="text-muted text-xs">{name}</span>
      <span className="font-semibold text-xl tabular-nums">{value}</span>
    </>
  );
  const looks = "flex flex-col gap-0.5 rounded-lg border bg-surface px-4 py-3 text-left";

  return to ? (
    <button type="button" className={`${looks} hover:border-line-strong`} onClick={() => go(to)}>
      {content}
    </button>
  ) : (
    <div className={looks}>{content}</div>
  );
}

function Tiles() {
  const { t } = useTranslation("queue");
  const { queue } = useDashboard();
  const { count, rate } = useNumbers();
  const now = useQuery(queue.overview).data;

  if (!now) {
    return <div className="h-20" />;
  }
  const jobs = (status: Search["status"]): Partial<Search> => ({ view: "jobs", status });
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
      <Tile
        name={t("state.in_progress")}
        value={count(now.totals.in_progress)}
        to={jobs("in_progress")}
      />
      <Tile name={t("state.queued")} value={count(now.totals.queued)} to={jobs("queued")} />
      <Tile name={t("state.deferred")} value={count(now.totals.deferred)} to={jobs("deferred")} />
      <Tile name={t("state.failed")} value={count(now.totals.failed)} to={jobs("failed")} />
      <Tile name={t("perSecond")} value={rate(now.recent.complete_per_s)} />
      <Tile
        name={t("runP95")}
        value={now.recent.run_p95_ms === null ? "–" : spanTime(now.recent.run_p95_ms)}
      />
    </div>
  );
}

/** Attempts a second, which samples tell as counts. */
function perSecond(samples: Sample[], member: "completed" | "failed" | "retried") {
  return samples.map((sample) => {
    const value = sample[member];
    return value === null || sample.span_ms === 0 ? null : (1000 * value) / sample.span_ms;
  });
}

function Charts({ span }: { span: Span }) {
  const { t, i18n } = useTranslation("queue");
  const { queue } = useDashboard();
  const { rate } = useNumbers();
  const samples = useQuery(queue.history(span)).data?.samples;
  const shown = useMemo(() => {
    const all = samples ?? [];
    const line = (name: string, color: string, values: Line["values"], fill = false): Line => ({
      label: t(name),
      color,
      values,
      fill,
    });
    return {
      times: all.map((sample) => sample.at_ms),
      throughput: [
        line("line.completed", "--ok", perSecond(all, "completed"), true),
        line("line.retried", "--warn", perSecond(all, "retried")),
        line("line.failed", "--bad", perSecond(all, "failed")),
      ],
      latency: [
        line(
          "line.wait95",
          "--info",
          all.map((sample) => sample.wait_p95_ms),
        ),
        line(
          "line.run95",
          "--accent",
          all.map((sample) => sample.run_p95_ms),
        ),
        line(
          "line.run50",
          "--muted",
          all.map((sample) => sample.run_p50_ms),
        ),
      ],
      waiting: [
        line(
          "line.queued",
          "--accent",
          all.map((sample) => sample.queued),
          true,
        ),
        line(
          "line.deferred",
          "--muted",
          all.map((sample) => sample.deferred),
        ),
        line(
          "line.dead",
          "--bad",
          all.map((sample) => sample.dead),
        ),
      ],
    };
  }, [samples, t]);
  const common = { times: shown.times, language: i18n.language };

  return (
    <div className="grid gap-4 lg:grid-cols-3">
      <Chart {...common} name={t("chart.throughput")} lines={shown.throughput} unit={rate} />
      <Chart
        {...common}
        name={t("chart.latency")}
        lines={shown.latency}
        unit={spanTime}
        least={10}
      />
      <Chart {...common} name={t("chart.waiting")} lines={shown.waiting} unit={rate} />
    </div>
  );
}

function Weaknesses() {
  const { queue } = useDashboard();
  const check = useQuery(queue.check).data;

  return check?.weaknesses.map((sentence) => (
    <p
      key={sentence}
      className="flex gap-3 rounded-md bg-warn-soft px-3 py-2 text-warn [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0"
    >
      <TriangleAlert />
      {sentence}
    </p>
  ));
}

export function OverviewView() {
  const { t } = useTranslation("queue");
  const [span, setSpan] = useState<Span>("hour");

  return (
    <div className="flex flex-col gap-4">
      <Weaknesses />
      <Tiles />
      <QueuesTable />
      <div className="mt-2 flex items-center gap-1">
        <h2 className="mr-auto font-medium">{t("overTime")}</h2>
        {(["hour", "day"] as const).map((one) => (
          <Button
            key={one}
            size="sm"
            look={span === one ? "plain" : "quiet"}
            aria-pressed={span === one}
            onClick={() => setSpan(one)}
          >
            {t(`span.${one}`)}
          </Button>
        ))}
      </div>
      <Charts span={span} />
    </div>
  );
}
