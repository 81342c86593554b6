import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api, type List } from "../../api/client.ts";
import { InPlace } from "./in_place.tsx";
import { ListMenu } from "./list_menu.tsx";

/** What a list is called and what it is for; both are changed where they stand. */
export function ListHeader({ listId, list }: { listId: string; list: List | undefined }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const key = ["lists", listId];
  const change = useMutation({
    mutationFn: (body: { name?: string; description?: string | null }) =>
      ask(api.PATCH("/api/lists/{id}", { params: { path: { id: listId } }, body })),
    onMutate: (body) => {
      const before = queries.getQueryData<List>(key);
      queries.setQueryData(key, before && { ...before, ...body });
      return { before };
    },
    onError: (error, _, context) => {
      queries.setQueryData(key, context?.before);
      toast.error(errorText(error));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["lists"] }),
  });

  return (
    <header className="flex items-start gap-3 px-4 pt-3 pb-2">
      <div className="min-w-0 flex-1 [contain:inline-size]">
        <h1 className="sr-only">{list?.name}</h1>
        <InPlace
          key={`name ${listId}`}
          value={list?.name ?? ""}
          label={t("table:listName")}
          maxLength={255}
          className="h-8 font-semibold text-lg"
          onSave={(name) => name !== "" && change.mutate({ name })}
        />
        <InPlace
          key={`about ${listId}`}
          value={list?.description ?? ""}
          label={t("table:listAbout")}
          placeholder={t("table:listAbout")}
          maxLength={4000}
          className="h-6 text-[13px] text-muted"
          onSave={(description) => change.mutate({ description: description || null })}
        />
      </div>
      {list && <ListMenu list={list} />}
    </header>
  );
}
