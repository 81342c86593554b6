import * as v from "valibot";

export const views = ["overview", "jobs", "functions", "workers", "crons", "limits"] as const;
export type ViewName = (typeof views)[number];

const statuses = [
  "deferred",
  "queued",
  "in_progress",
  "complete",
  "failed",
  "waiting",
  "finished",
] as const;

/** What of the dashboard is looked at; it is in the page's address. */
export const searchSchema = v.object({
  view: v.fallback(v.optional(v.picklist(views)), undefined),
  queue: v.fallback(v.optional(v.string()), undefined),
  status: v.fallback(v.optional(v.picklist(statuses)), undefined),
  function: v.fallback(v.optional(v.string()), undefined),
  text: v.fallback(v.optional(v.string()), undefined),
  job: v.fallback(v.optional(v.string()), undefined),
});
export type Search = v.InferOutput<typeof searchSchema>;

export { statuses };
