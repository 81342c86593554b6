import { queryOptions } from "@tanstack/react-query";
import { ask, makeApi } from "../kit/index.ts";
import type { components, paths } from "./schema.ts";

type Schemas = components["schemas"];
export type Queue = Schemas["Queue"];
export type Sample = Schemas["Sample"];
export type JobSummary = Schemas["JobSummary"];
export type Job = Schemas["Job"];
export type JobStatus = Schemas["JobStatus"];
export type AskedStatus = Schemas["AskedStatus"];
export type Filter = Schemas["Filter"];
export type FunctionTally = Schemas["Function"];
export type Worker = Schemas["Worker"];
export type Executor = Schemas["Executor"];
export type Limit = Schemas["Limit"];
export type Cron = Schemas["Cron"];
export type Span = "hour" | "day";
export type Action = "retry" | "abort" | "delete";

/** A queue moves by itself, so what is shown is asked for again and again, while somebody looks. */
const LIVE_MS = 2000;
const SLOW_MS = 5000;

/** The dashboard's calls and queries; `below` is where they are: "" for barq-web, "queue" in bookmarks. */
export function makeQueue(below: string) {
  const api = makeApi<paths>(below);
  const key = (...rest: unknown[]) => ["queue", ...rest];

  return {
    api,
    overview: queryOptions({
      queryKey: key("overview"),
      queryFn: ({ signal }) => ask(api.GET("/api/overview", { signal })),
      refetchInterval: LIVE_MS,
    }),
    history: (span: Span, queue?: string) =>
      queryOptions({
        queryKey: key("history", span, queue),
        queryFn: ({ signal }) =>
          ask(api.GET("/api/history", { params: { query: { span, queue } }, signal })),
        refetchInterval: SLOW_MS,
      }),
    check: queryOptions({
      queryKey: key("check"),
      queryFn: ({ signal }) => ask(api.GET("/api/check", { signal })),
    }),
    jobs: (filter: Filter, cursor: string | undefined) =>
      queryOptions({
        queryKey: key("jobs", filter, cursor),
        queryFn: ({ signal }) =>
          ask(
            api.GET("/api/jobs", { params: { query: { ...filter, cursor, limit: 100 } }, signal }),
          ),
        refetchInterval: LIVE_MS,
        placeholderData: (before) => before,
      }),
    job: (id: string) =>
      queryOptions({
        queryKey: key("job", id),
        queryFn: ({ signal }) =>
          ask(api.GET("/api/jobs/{id}", { params: { path: { id } }, signal })),
        refetchInterval: LIVE_MS,
      }),
    workers: queryOptions({
      queryKey: key("workers"),
      queryFn: ({ signal }) => ask(api.GET("/api/workers", { signal })),
      refetchInterval: LIVE_MS,
    }),
    functions: queryOptions({
      queryKey: key("functions"),
      queryFn: ({ signal }) => ask(api.GET("/api/functions", { signal })),
      refetchInterval: SLOW_MS,
    }),
    limits: queryOptions({
      queryKey: key("limits"),
      queryFn: ({ signal }) => ask(api.GET("/api/limits", { signal })),
      refetchInterval: LIVE_MS,
    }),
    crons: queryOptions({
      queryKey: key("crons"),
      queryFn: ({ signal }) => ask(api.GET("/api/crons", { signal })),
      refetchInterval: SLOW_MS,
    }),
  };
}

export type QueueApi = ReturnType<typeof makeQueue>;
