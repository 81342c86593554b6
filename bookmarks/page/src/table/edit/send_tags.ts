import type { QueryClient } from "@tanstack/react-query";
import { ask } from "barq-web/kit";
import { api, type TagOfVideo } from "../../api/client.ts";

/** Gives and takes tags of a video; its answer is the video then. */
export async function sendTags(
  queries: QueryClient,
  id: string,
  gone: TagOfVideo[],
  added: TagOfVideo[],
) {
  const path = { id };

  if (added.length > 0) {
    const names = added.map((tag) => tag.name);
    await ask(api.POST("/api/videos/{id}/tags", { params: { path }, body: { names } }));
  }
  for (const tag of gone) {
    await ask(
      api.DELETE("/api/videos/{id}/tags/{tag}", { params: { path: { ...path, tag: tag.id } } }),
    );
  }
  void queries.invalidateQueries({ queryKey: ["tags"] });
  return ask(api.GET("/api/videos/{id}", { params: { path } }));
}
