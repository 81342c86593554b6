import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { changeVideo } from "../../api/change_video.ts";
import { api, type Tag, type TagOfVideo, type WholeVideo } from "../../api/client.ts";
import { isNamed, tagOf, tagsEdit } from "../../api/edits.ts";
import { tagsQuery } from "../../api/queries.ts";

/** The tags of a video: given and taken at once, and taken back in words when that is refused. */
export function useTags(video: WholeVideo) {
  const queries = useQueryClient();
  const errorText = useErrorText();
  const all = useQuery(tagsQuery);
  const tags = video.tags ?? [];
  const path = { id: video.id };
  const change = (
    gone: TagOfVideo[],
    added: TagOfVideo[],
    send: () => Promise<TagOfVideo[] | undefined>,
  ) =>
    changeVideo(queries, video.id, {
      ...tagsEdit(gone, added),
      send: async () => {
        const now = await send();
        return now ? { tags: now } : {};
      },
    })
      .catch((error: unknown) => toast.error(errorText(error)))
      .then(() => queries.invalidateQueries({ queryKey: ["tags"] }));

  return {
    all: all.data ?? [],
    tags,
    give: (name: string) => {
      if (tags.some(isNamed(name))) {
        return;
      }
      void change([], [tagOf(name, all.data ?? [])], () =>
        ask(api.POST("/api/videos/{id}/tags", { params: { path }, body: { names: [name] } })),
      );
    },
    take: (tag: TagOfVideo) =>
      void change([tag], [], async () => {
        await ask(
          api.DELETE("/api/videos/{id}/tags/{tag}", {
            params: { path: { ...path, tag: tag.id } },
          }),
        );
        return undefined;
      }),
    setCategory: (category: Tag | null) =>
      void change(
        tags.filter((one) => one.is_category),
        category ? [category] : [],
        () =>
          ask(
            api.PUT("/api/videos/{id}/category", {
              params: { path },
              body: { category_id: category?.id ?? null },
            }),
          ),
      ),
  };
}
