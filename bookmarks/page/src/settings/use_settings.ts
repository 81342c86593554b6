import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import type { NewSettings } from "./options.ts";

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => ask(api.GET("/api/settings", { signal })),
});

export const usageQuery = queryOptions({
  queryKey: ["usage"],
  queryFn: ({ signal }) => ask(api.GET("/api/usage", { signal })),
  /* What is asked has no event of its own. */
  staleTime: 10_000,
});

export function usePutSettings() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();

  return useMutation({
    mutationFn: (body: NewSettings) => ask(api.PUT("/api/settings", { body })),
    onSuccess: (settings) => {
      queries.setQueryData(settingsQuery.queryKey, settings);
      void queries.invalidateQueries({ queryKey: ["setup"] });
      void queries.invalidateQueries({ queryKey: ["usage"] });
      toast.success(t("settings:saved"), { id: "settings-saved", duration: 2000 });
    },
    onError: (error) => toast.error(errorText(error)),
  });
}
