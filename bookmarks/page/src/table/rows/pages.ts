import { queryOptions } from "@tanstack/react-query";
import { ask, Problem } from "barq-web/kit";
import { api, type Video } from "../../api/client.ts";
import type { Question } from "./question.ts";

/* A page is some screens long: few enough to be there at once, enough to scroll in. */
export const PAGE_ROWS = 60;
const MOST_IDS = 1000;
const KEPT_MS = 120_000;

export const questionKey = (of: Question) =>
  ["videos", of.listId ?? "all", { q: of.q, sort: of.sort ?? "" }] as const;

type Wanted = { offset: number; limit: number; count?: boolean };

function call(of: Question, wanted: Wanted, signal?: AbortSignal) {
  const query = { ...wanted, q: of.q || undefined, sort: of.sort };

  return of.listId
    ? api.GET("/api/lists/{id}/videos", { params: { path: { id: of.listId }, query }, signal })
    : api.GET("/api/videos", { params: { query }, signal });
}

export const pageQuery = (of: Question, page: number) =>
  queryOptions({
    queryKey: [...questionKey(of), page],
    queryFn: ({ signal }): Promise<Video[]> =>
      ask(call(of, { offset: page * PAGE_ROWS, limit: PAGE_ROWS }, signal)),
    gcTime: KEPT_MS,
  });

/** How many there are in all. */
export const countQuery = (of: Question) =>
  queryOptions({
    queryKey: [...questionKey(of), "count"],
    queryFn: async ({ signal }) => {
      const { response, error } = await call(of, { offset: 0, limit: 1, count: true }, signal);
      if (!response.ok) {
        throw Problem.of(response.status, error);
      }
      return Number(response.headers.get("Total-Count"));
    },
  });

/** The videos of the rows from `from` to `to`, both with them, whether they are in sight or not. */
export async function videosBetween(of: Question, from: number, to: number) {
  const found: Video[] = [];

  for (let offset = from; offset <= to; offset += MOST_IDS) {
    const limit = Math.min(MOST_IDS, to - offset + 1);
    const videos = await ask<Video[]>(call(of, { offset, limit }));
    found.push(...videos);
  }
  return found;
}

/** Why the videos of a page were found: where the words of the query are in them. */
export const snippetsQuery = (of: Question, page: number, hasWords: boolean) =>
  queryOptions({
    queryKey: ["snippets", of.listId ?? "all", { q: of.q, sort: of.sort ?? "" }, page],
    queryFn: async ({ signal }) => {
      const query = {
        q: of.q,
        sort: of.sort,
        list_id: of.listId,
        offset: page * PAGE_ROWS,
        limit: PAGE_ROWS,
      };
      const found = await ask(api.GET("/api/search", { params: { query }, signal }));
      return new Map(found.results.map((result) => [result.video_id, result]));
    },
    enabled: hasWords,
    gcTime: KEPT_MS,
  });
