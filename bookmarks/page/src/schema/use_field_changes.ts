import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, doUnlessUndone, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api, type Field } from "../api/client.ts";
import { fieldsQuery } from "../api/queries.ts";
import type { FieldChange } from "./draft.ts";

/** What makes the fields of a list, and their values with them, old. */
export function useRefreshFields(listId: string) {
  const queries = useQueryClient();

  return () => {
    void queries.invalidateQueries({ queryKey: ["fields", listId] });
    void queries.invalidateQueries({ queryKey: ["videos"] });
    void queries.invalidateQueries({ queryKey: ["video"] });
  };
}

export type Saving = FieldChange & {
  set_aside?: boolean;
  rename_options?: Record<string, string>;
};

/** Makes a field, or with an id changes it. */
export function useSaveField(listId: string) {
  const refresh = useRefreshFields(listId);

  return useMutation({
    mutationFn: ({ id, body }: { id?: string; body: Saving }): Promise<Field> =>
      id === undefined
        ? ask(api.POST("/api/lists/{id}/fields", { params: { path: { id: listId } }, body }))
        : ask(
            api.PATCH("/api/lists/{id}/fields/{field}", {
              params: { path: { id: listId, field: id } },
              body,
            }),
          ),
    onSuccess: refresh,
  });
}

export function useCopyFields(listId: string) {
  const { t } = useTranslation();
  const refresh = useRefreshFields(listId);
  const errorText = useErrorText();

  return useMutation({
    mutationFn: (body: { template: string } | { list_id: string }) =>
      ask(api.POST("/api/lists/{id}/fields/copy", { params: { path: { id: listId } }, body })),
    onSuccess: ({ added_count }) => toast.success(t("schema:copied", { count: added_count })),
    onError: (error) => toast.error(errorText(error)),
    onSettled: refresh,
  });
}

export function useOrderFields(listId: string) {
  const queries = useQueryClient();
  const errorText = useErrorText();
  const { queryKey } = fieldsQuery(listId);

  return useMutation({
    mutationFn: (fields: Field[]) =>
      ask(
        api.PUT("/api/lists/{id}/fields/order", {
          params: { path: { id: listId } },
          body: { field_ids: fields.map(({ id }) => id) },
        }),
      ),
    onMutate: (fields) => queries.setQueryData(queryKey, fields),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}

/** Its values go with it, when nobody takes it back. */
export function useDeleteField(listId: string) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const refresh = useRefreshFields(listId);
  const { queryKey } = fieldsQuery(listId);

  return (field: Field) => {
    queries.setQueryData(queryKey, (all) => all?.filter(({ id }) => id !== field.id));
    doUnlessUndone(t("schema:deleted", { label: field.label }), {
      commit: () =>
        void ask(
          api.DELETE("/api/lists/{id}/fields/{field}", {
            params: { path: { id: listId, field: field.id } },
            keepalive: true,
          }),
        )
          .catch((error: unknown) => toast.error(errorText(error)))
          .finally(refresh),
      undo: refresh,
    });
  };
}
