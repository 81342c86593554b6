import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { spanTime } from "../kit/index.ts";
import type { Sample, Span } from "./api.ts";
import { Chart, type Line } from "./chart.tsx";
import { useDashboard } from "./context.ts";
import { useNumbers } from "./numbers.ts";

/** Attempts a second, which samples tell as counts. */
function perSecond(samples: Sample[], member: "completed" | "failed" | "retried") {
  return samples.map((sample) => {
    const value = sample[member];
    return value === null || sample.span_ms === 0 ? null : (1000 * value) / sample.span_ms;
  });
}

/** How they have been, over the last hour or day. */
export function Charts({ span }: { span: Span }) {
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
