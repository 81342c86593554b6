import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, doUnlessUndone, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api, type View } from "../../api/client.ts";
import { fromViewColumn, toViewColumn } from "../columns/columns.ts";
import { useRoom } from "../room.ts";

export const viewsQuery = (listId: string | undefined) =>
  queryOptions({
    queryKey: ["views", listId ?? "all"],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/views", { params: { query: { list_id: listId } }, signal })),
  });

const isLayout = (text: string) => text === "table" || text === "cards";

/** Saved ways to look at this list. */
export function useViews() {
  const { t } = useTranslation();
  const { listId, look, setLook, columns } = useRoom();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const query = viewsQuery(listId);
  const views = useQuery(query).data ?? [];
  const current = views.find((view) => view.id === look.view);
  const now = {
    query: look.q ?? "",
    sort: look.sort ?? "",
    columns: columns.visible.map((column) => toViewColumn(column.id)),
    layout: look.layout ?? "table",
  };
  const isChanged =
    current !== undefined &&
    (current.query !== now.query ||
      current.sort !== now.sort ||
      current.layout !== now.layout ||
      current.columns.join() !== now.columns.join());

  const send = async (call: () => Promise<unknown>) => {
    try {
      await call();
    } catch (error) {
      toast.error(errorText(error));
    }
    await queries.invalidateQueries({ queryKey: query.queryKey });
  };
  const change = (view: View, body: Partial<typeof now> & { name?: string }) =>
    send(() => ask(api.PATCH("/api/views/{id}", { params: { path: { id: view.id } }, body })));

  return {
    views,
    current,
    isChanged,
    apply: (view: View) => {
      if (view.columns.length > 0) {
        columns.showOnly(view.columns.map(fromViewColumn));
      }
      setLook({
        view: view.id,
        q: view.query || undefined,
        sort: view.sort || undefined,
        layout: isLayout(view.layout) ? (view.layout as "table" | "cards") : undefined,
      });
    },
    leave: () => setLook({ view: undefined, q: undefined, sort: undefined }),
    save: (name: string) =>
      send(async () => {
        const body = { ...now, name, list_id: listId ?? null };
        const view = await ask(api.POST("/api/views", { body }));
        setLook({ view: view.id });
        toast.success(t("table:viewSaved", { name }));
      }),
    update: (view: View) => change(view, now),
    rename: (view: View, name: string) => change(view, { name }),
    remove: (view: View) => {
      const had = queries.getQueryData(query.queryKey);
      queries.setQueryData(query.queryKey, (old) => old?.filter((one) => one.id !== view.id));
      if (look.view === view.id) {
        setLook({ view: undefined });
      }
      doUnlessUndone(t("table:viewDeleted", { name: view.name }), {
        commit: () =>
          void send(() =>
            ask(
              api.DELETE("/api/views/{id}", {
                params: { path: { id: view.id } },
                keepalive: true,
              }),
            ),
          ),
        undo: () => queries.setQueryData(query.queryKey, had),
      });
    },
  };
}
