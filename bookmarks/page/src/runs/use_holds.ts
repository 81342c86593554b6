import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { api } from "../api/client.ts";

export const holdsQuery = queryOptions({
  queryKey: ["holds"],
  queryFn: ({ signal }) => ask(api.GET("/api/holds", { signal })),
});

/** Asks a service again, although it wanted to be left alone. */
export function useEndHold() {
  const queries = useQueryClient();
  const errorText = useErrorText();

  return useMutation({
    mutationFn: (service: string) =>
      ask(api.DELETE("/api/holds/{service}", { params: { path: { service } } })),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["holds"] });
      void queries.invalidateQueries({ queryKey: ["runs"] });
    },
    onError: (error) => toast.error(errorText(error)),
  });
}
