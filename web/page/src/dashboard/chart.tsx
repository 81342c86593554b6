import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./chart.css";
import { useTheme } from "../kit/index.ts";

export type Line = { label: string; color: string; values: (number | null)[]; fill?: boolean };

function css(name: string) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function options(
  lines: Line[],
  width: number,
  language: string,
  unit: (value: number) => string,
  least: number,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: css("--muted"),
    grid: { stroke: css("--line"), width: 1 },
    ticks: { show: false },
    font: "11px Inter, system-ui, sans-serif",
  };

  return {
    width,
    height: 180,
    cursor: { y: false, points: { size: 6 } },
    scales: { y: { range: (_, min, max) => [Math.min(0, min), max > 0 ? max * 1.1 : least] } },
    axes: [
      {
        ...axis,
        space: 80,
        size: 28,
        values: (_, ticks) =>
          ticks.map((tick) =>
            new Date(tick * 1000).toLocaleTimeString(language, {
              hour: "2-digit",
              minute: "2-digit",
            }),
          ),
      },
      { ...axis, size: 48, space: 40, values: (_, ticks) => ticks.map(unit) },
    ],
    series: [
      {
        label: "",
        value: (_, at) => (at === null ? "" : new Date(at * 1000).toLocaleTimeString(language)),
      },
      ...lines.map((line) => ({
        label: line.label,
        stroke: css(line.color),
        width: 1.5,
        fill: line.fill ? `color-mix(in srgb, ${css(line.color)} 14%, transparent)` : undefined,
        value: (_: uPlot, value: number | null) => (value === null ? "–" : unit(value)),
        /* What nothing was to be told of is no gap in what is known. */
        spanGaps: true,
        points: { show: false },
      })),
    ],
  };
}

/** Lines over time; `times` in milliseconds. Its name says in words what it shows. */
export function Chart({
  name,
  times,
  lines,
  language,
  unit,
  least = 1,
}: {
  name: string;
  times: number[];
  lines: Line[];
  language: string;
  unit: (value: number) => string;
  /** How high it goes as long as there is nothing to see. */
  least?: number;
}) {
  const place = useRef<HTMLDivElement>(null);
  const { isDark } = useTheme();
  const latest = useRef({ times, lines });
  const plot = useRef<uPlot>(undefined);
  latest.current = { times, lines };
  const shape = lines.map((line) => line.label + line.color).join();

  /* biome-ignore lint/correctness/useExhaustiveDependencies: colours and names make it anew, values do not */
  useEffect(() => {
    const element = place.current;
    if (!element) {
      return;
    }
    const data = () =>
      [
        latest.current.times.map((time) => time / 1000),
        ...latest.current.lines.map((line) => line.values),
      ] as uPlot.AlignedData;
    const made = new uPlot(
      options(latest.current.lines, element.clientWidth, language, unit, least),
      data(),
      element,
    );
    const watch = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: 180 }),
    );
    watch.observe(element);
    plot.current = made;
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [isDark, shape, language]);

  useEffect(() => {
    plot.current?.setData([
      times.map((time) => time / 1000),
      ...lines.map((line) => line.values),
    ] as uPlot.AlignedData);
  }, [times, lines]);

  return (
    <figure aria-label={name} className="min-w-0 rounded-lg border bg-surface p-4">
      <figcaption className="mb-2 font-medium text-[13px]">{name}</figcaption>
      <div ref={place} className="min-w-0" />
    </figure>
  );
}
