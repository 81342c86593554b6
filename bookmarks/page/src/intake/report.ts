import type { components } from "../api/schema.ts";
import { type Progress, send } from "./send.ts";
import type { Source } from "./source.ts";

export type ImportReport = components["schemas"]["ImportReport"];
export type ImportLine = components["schemas"]["ImportLine"];
export type Outcome = ImportLine["outcome"];

export const outcomes = ["added", "expanding", "present", "failed", "skipped"] as const;

/** What a source would bring or has brought; `error`: it could not be read at all. */
export type Told = { source: Source; report?: ImportReport; error?: unknown };

export type Counts = Record<Outcome, number>;

export function countsOf(told: Told[]): Counts {
  const counts = { added: 0, expanding: 0, present: 0, failed: 0, skipped: 0 };
  for (const { report } of told) {
    for (const outcome of outcomes) {
      counts[outcome] += report?.[outcome] ?? 0;
    }
  }
  return counts;
}

/** Asks for all of them, one after another; one that is refused stops no other. */
export async function askForAll(
  path: string,
  sources: Source[],
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Told[]> {
  const told: Told[] = [];

  for (const source of sources) {
    try {
      told.push({
        source,
        report: await send<ImportReport>(path, source, { signal, onProgress }),
      });
    } catch (error) {
      signal.throwIfAborted();
      told.push({ source, error });
    }
  }
  return told;
}
