import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, doUnlessUndone, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api, type Schemas, type Tag } from "../api/client.ts";
import { tagsQuery } from "../api/queries.ts";

type Change = Schemas["TagChange"];

/** What a person does with tags: shown at once, taken back with the reason when it is refused. */
export function useTagEdits() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const key = tagsQuery.queryKey;
  const show = (change: (tags: Tag[]) => Tag[]) =>
    queries.setQueryData<Tag[]>(key, (old) => old && change(old));

  /* Tables and open videos show tags, too. */
  const settle = () => {
    void queries.invalidateQueries({ queryKey: ["tags"] });
    void queries.invalidateQueries({ queryKey: ["videos"] });
    void queries.invalidateQueries({ queryKey: ["video"] });
  };
  const refused = (error: unknown) => {
    toast.error(errorText(error));
    settle();
  };

  const make = useMutation({
    mutationFn: (body: { name: string; is_category: boolean }) =>
      ask(api.POST("/api/tags", { body })),
    onSuccess: settle,
    onError: refused,
  });
  const change = useMutation({
    mutationFn: ({ id, ...body }: Change & { id: string }) =>
      ask(api.PATCH("/api/tags/{id}", { params: { path: { id } }, body })),
    onMutate: async ({ id, ...body }) => {
      await queries.cancelQueries({ queryKey: key });
      show((tags) => tags.map((tag) => (tag.id === id ? { ...tag, ...body } : tag)));
    },
    onSuccess: settle,
    onError: refused,
  });
  const merge = useMutation({
    mutationFn: ({ from, into }: { from: Tag; into: Tag }) =>
      ask(
        api.POST("/api/tags/{id}/merge", {
          params: { path: { id: into.id } },
          body: { from: from.id },
        }),
      ),
    onSuccess: (_now, { from, into }) => {
      toast.success(t("tags:merged", { from: from.name, into: into.name }));
      settle();
    },
    onError: refused,
  });
  const remove = (tag: Tag) => {
    const before = queries.getQueryData<Tag[]>(key);
    show((tags) => tags.filter((one) => one.id !== tag.id));
    doUnlessUndone(t("tags:deleted", { tag: tag.name }), {
      commit: () => {
        ask(
          api.DELETE("/api/tags/{id}", { params: { path: { id: tag.id } }, keepalive: true }),
        ).then(settle, refused);
      },
      undo: () => before && show(() => before),
    });
  };

  return { make: make.mutate, change: change.mutate, merge: merge.mutate, remove };
}
