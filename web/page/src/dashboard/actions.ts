import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, toast, useErrorText } from "../kit/index.ts";
import type { Action, Filter, JobStatus } from "./api.ts";
import { useDashboard } from "./context.ts";

/** What makes sense for a job of a status. */
export const actionsOf: Record<JobStatus, Action[]> = {
  deferred: ["abort", "delete"],
  queued: ["abort", "delete"],
  in_progress: ["abort"],
  complete: ["delete"],
  failed: ["retry", "delete"],
};

export type Whom = { ids: string[] } | { filter: Filter };

/** Does something to many jobs: to all that a filter means, page by page, until there are no more. */
export function useAction() {
  const { t } = useTranslation("queue");
  const { queue } = useDashboard();
  const queries = useQueryClient();
  const errorText = useErrorText();

  return useMutation({
    mutationFn: async ({ action, whom }: { action: Action; whom: Whom }) => {
      let done = 0;
      let refused = 0;
      let why: string | undefined;
      let cursor: string | null | undefined;
      do {
        const body = { action, ...whom, ...("filter" in whom && cursor ? { cursor } : {}) };
        const result = await ask(queue.api.POST("/api/jobs/actions", { body }));
        done += result.done;
        refused += result.refused;
        why ??= result.refusals[0]?.detail;
        cursor = result.next_cursor;
      } while ("filter" in whom && cursor);
      return { action, done, refused, why };
    },
    onSuccess: ({ action, done, refused, why }) => {
      const said = t(`did.${action}`, { count: done });
      if (refused > 0) {
        toast.warning(said, { description: t("refused", { count: refused, why }) });
      } else {
        toast.success(said);
      }
    },
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["queue"] }),
  });
}
