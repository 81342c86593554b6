import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["week", 7 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 minutes ago", "in 2 hours". */
export function relativeTime(at: Date, now: Date, language: string) {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });

  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) {
      return words.format(Math.round(seconds / size), unit);
    }
  }
  return words.format(Math.round(seconds), "second");
}

/** "1:02:03", "4:05". */
export function clockTime(seconds: number) {
  const whole = Math.floor(seconds);
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = String(whole % 60).padStart(2, "0");

  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** "850 ms", "2.4 s", "3 min", "5.1 h". */
export function spanTime(ms: number) {
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  }
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** The time now, anew every `everyMs`. */
export function useNow(everyMs: number) {
  const [now, setNow] = useState(() => new Date());

  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Relative, with the instant itself for whoever points at it. */
export function Ago({ at, className }: { at: string | number | Date; className?: string }) {
  const { i18n } = useTranslation("kit");
  const now = useNow(15_000);
  const date = new Date(at);

  return (
    <time
      dateTime={date.toISOString()}
      title={date.toLocaleString(i18n.language, { dateStyle: "full", timeStyle: "medium" })}
      className={className}
    >
      {relativeTime(date, now, i18n.language)}
    </time>
  );
}
