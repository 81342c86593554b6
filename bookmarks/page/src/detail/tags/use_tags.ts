import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { api, type Schemas, type Tag, type WholeVideo } from "../../api/client.ts";
import { tagsQuery } from "../../api/queries.ts";
import { changeKnown } from "../known.ts";

export type TagOfVideo = Schemas["TagOfVideo"];

const isNamed = (name: string) => (tag: { name: string }) =>
  tag.name.toLowerCase() === name.toLowerCase();

/** The tags of a video: given and taken at once, and taken back in words when that is refused. */
export function useTags(video: WholeVideo) {
  const queries = useQueryClient();
  const errorText = useErrorText();
  const all = useQuery(tagsQuery);
  const tags = video.tags ?? [];
  const path = { id: video.id };
  const show = (next: TagOfVideo[]) =>
    changeKnown(queries, video.id, (old) => ({ ...old, tags: next }));

  /* `shown` until the server has said what is there; undefined: as the answer is. */
  const change = useMutation({
    mutationFn: ({
      send,
    }: {
      shown: TagOfVideo[];
      send: () => Promise<TagOfVideo[] | undefined>;
    }) => send(),
    onMutate: ({ shown }) => {
      show(shown);
      return tags;
    },
    onSuccess: (now) => now && show(now),
    onError: (error, _change, before) => {
      show(before ?? tags);
      toast.error(errorText(error));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["tags"] }),
  });

  return {
    all: all.data ?? [],
    tags,
    give: (name: string) => {
      if (tags.some(isNamed(name))) {
        return;
      }
      const known = all.data?.find(isNamed(name));
      const tag = known ?? { id: name, name, color: null, is_category: false };
      change.mutate({
        shown: [...tags, tag],
        send: () =>
          ask(api.POST("/api/videos/{id}/tags", { params: { path }, body: { names: [name] } })),
      });
    },
    take: (tag: TagOfVideo) =>
      change.mutate({
        shown: tags.filter((one) => one.id !== tag.id),
        send: async () => {
          await ask(
            api.DELETE("/api/videos/{id}/tags/{tag}", {
              params: { path: { ...path, tag: tag.id } },
            }),
          );
          return undefined;
        },
      }),
    setCategory: (category: Tag | null) =>
      change.mutate({
        shown: [...(category ? [category] : []), ...tags.filter((one) => !one.is_category)],
        send: () =>
          ask(
            api.PUT("/api/videos/{id}/category", {
              params: { path },
              body: { category_id: category?.id ?? null },
            }),
          ),
      }),
  };
}
