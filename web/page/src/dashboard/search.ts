import * as z from "zod/mini";

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
export const searchSchema = z.object({
  view: z.catch(z.optional(z.enum(views)), undefined),
  queue: z.catch(z.optional(z.string()), undefined),
  status: z.catch(z.optional(z.enum(statuses)), undefined),
  function: z.catch(z.optional(z.string()), undefined),
  text: z.catch(z.optional(z.string()), undefined),
  job: z.catch(z.optional(z.string()), undefined),
});
export type Search = z.infer<typeof searchSchema>;

export { statuses };
