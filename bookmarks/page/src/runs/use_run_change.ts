import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api, type Run } from "../api/client.ts";

export type Change = { run: Run; how: "pause" | "resume" | "cancel" | "retry"; videoId?: string };

function send({ run, how, videoId }: Change) {
  const params = { path: { id: run.id } };

  switch (how) {
    case "pause":
      return ask(api.POST("/api/runs/{id}/pause", { params }));
    case "resume":
      return ask(api.POST("/api/runs/{id}/resume", { params }));
    case "cancel":
      return ask(api.POST("/api/runs/{id}/cancel", { params }));
    case "retry":
      return ask(
        api.POST("/api/runs/{id}/retry", { params, body: videoId ? { video_id: videoId } : {} }),
      );
  }
}

const after: Partial<Record<Change["how"], Run["status"]>> = {
  pause: "paused",
  resume: "running",
  cancel: "cancelled",
};

/** Pause, resume, cancel, retry: shown at once, and taken back when it was refused. */
export function useRunChange() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const show = (id: string, change: (run: Run) => Run) => {
    queries.setQueryData<Run>(["runs", id], (run) => run && change(run));
    queries.setQueriesData<Run[]>({ queryKey: ["runs"], exact: true }, (runs) =>
      runs?.map((run) => (run.id === id ? change(run) : run)),
    );
  };
  const again = useMutation({
    mutationFn: (run: Run) =>
      ask(api.POST("/api/lists/{id}/process", { params: { path: { id: run.list_id } }, body: {} })),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["runs"] }),
  });

  return useMutation({
    mutationFn: send,
    onMutate: ({ run, how }) => {
      const status = after[how];
      if (status) {
        show(run.id, (one) => ({ ...one, status }));
      }
    },
    onSuccess: (now, { run, how }) => {
      show(run.id, () => now);
      /* What waited is pending again, so another run can take it on: that undoes it. */
      if (how === "cancel" && run.waiting_count > 0) {
        toast(t("runs:cancelled"), {
          action: { label: t("kit:undo"), onClick: () => again.mutate(run) },
        });
      }
    },
    onError: (error, { run }) => {
      show(run.id, () => run);
      toast.error(errorText(error));
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void queries.invalidateQueries({ queryKey: ["run-videos"] });
    },
  });
}
