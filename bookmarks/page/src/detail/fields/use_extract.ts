import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, toast, useErrorText } from "barq-web/kit";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type ServerEvent, type WholeVideo } from "../../api/client.ts";
import { onEvents } from "../../api/events.ts";

/** What a dry run says: values by the field's name, and those that were not allowed, with why. */
export type Preview = {
  values: Record<string, unknown>;
  dropped?: Record<string, string>;
  tokens_in?: number;
  tokens_out?: number;
  cost_millionths?: number;
};

type Wanted = { field?: string; isDry: boolean };
type Doing = Wanted & { runId: string };

const over = new Set(["run.finished", "run.failed", "run.cancelled", "video.failed"]);

export type Extract = ReturnType<typeof useExtract>;

/** Has the fields of one video filled once more, or tried without storing anything. */
export function useExtract(video: WholeVideo) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const [doing, setDoing] = useState<Doing>();
  const [preview, setPreview] = useState<Preview>();
  /* Its events may be here before the answer that says which run it is: they wait for that. */
  const runId = useRef<string>(undefined);
  const early = useRef<ServerEvent[]>(undefined);

  const take = (events: ServerEvent[]) => {
    for (const event of events.filter((one) => one.run_id && one.run_id === runId.current)) {
      const data = event.data as unknown as Preview & { reason?: string };
      if (event.kind === "run.previewed") {
        setPreview(data);
      } else if (event.kind === "video.failed") {
        toast.error(data.reason ?? t("detail:fields.failed"));
      }
      if (over.has(event.kind)) {
        setDoing(undefined);
        void queries.invalidateQueries({ queryKey: ["video", video.id] });
      }
    }
  };
  const latest = useRef(take);
  latest.current = take;

  const start = useMutation({
    mutationFn: ({ field, isDry }: Wanted) =>
      ask(
        api.POST("/api/lists/{id}/process", {
          params: { path: { id: video.list_id } },
          body: { video_ids: [video.id], again: true, field, dry_run: isDry || undefined },
        }),
      ),
    onMutate: () => {
      runId.current = undefined;
      early.current = [];
      setPreview(undefined);
    },
    onSuccess: (job, wanted) => {
      runId.current = job.job_id;
      setDoing({ ...wanted, runId: job.job_id });
      take(early.current ?? []);
    },
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => {
      early.current = undefined;
    },
  });

  useEffect(
    () =>
      onEvents((events) => {
        early.current?.push(...events);
        latest.current(events);
      }),
    [],
  );

  return {
    start: start.mutate,
    isBusy: start.isPending || doing !== undefined,
    doing,
    preview,
    forget: () => setPreview(undefined),
  };
}
