import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { ask } from "barq-web/kit";
import { api } from "./client.ts";

/*
 * What several rooms of the page ask for. The first part of a key is the thing's name, which
 * events.ts knows; ids follow.
 */
export const listsQuery = queryOptions({
  queryKey: ["lists"],
  queryFn: ({ signal }) => ask(api.GET("/api/lists", { signal })),
});

export const listQuery = (id: string) =>
  queryOptions({
    queryKey: ["lists", id],
    queryFn: ({ signal }) => ask(api.GET("/api/lists/{id}", { params: { path: { id } }, signal })),
  });

export const fieldsQuery = (listId: string) =>
  queryOptions({
    queryKey: ["fields", listId],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/lists/{id}/fields", { params: { path: { id: listId } }, signal })),
  });

export const videoQuery = (id: string) =>
  queryOptions({
    queryKey: ["video", id],
    queryFn: ({ signal }) => ask(api.GET("/api/videos/{id}", { params: { path: { id } }, signal })),
  });

export const tagsQuery = queryOptions({
  queryKey: ["tags"],
  queryFn: ({ signal }) => ask(api.GET("/api/tags", { signal })),
});

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  queryFn: ({ signal }) => ask(api.GET("/api/channels", { signal })),
});

export const runsQuery = queryOptions({
  queryKey: ["runs"],
  queryFn: ({ signal }) => ask(api.GET("/api/runs", { signal })),
});

export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => ask(api.GET("/api/setup/status", { signal })),
});

export const loginQuery = queryOptions({
  queryKey: ["login"],
  queryFn: ({ signal }) => ask(api.GET("/api/login", { signal })),
});

/** After a change to videos that were not looked at one by one: all that shows any of them. */
export function refreshVideos(queries: QueryClient) {
  const things = ["videos", "video", "snippets", "lists", "tags", "channels"];

  return Promise.all(things.map((thing) => queries.invalidateQueries({ queryKey: [thing] })));
}
