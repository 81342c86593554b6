import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ago, ask, Badge, Button, toast, useErrorText } from "barq-web/kit";
import { RefreshCw, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, type WholeVideo } from "../../api/client.ts";
import { AboutFacts } from "./about_facts.tsx";

/** Why its processing failed, in words, and once more. */
function Failure({ video }: { video: WholeVideo }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/lists/{id}/process", {
          params: { path: { id: video.list_id } },
          body: { video_ids: [video.id] },
        }),
      ),
    onSuccess: () => {
      toast.success(t("detail:about.again"));
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void queries.invalidateQueries({ queryKey: ["video", video.id] });
    },
    onError: (error) => toast.error(errorText(error)),
  });

  return (
    <div
      role="alert"
      className="m-4 flex flex-wrap items-start gap-3 rounded-md bg-bad-soft px-3 py-2 text-bad"
    >
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <p className="min-w-0 flex-1 break-words">
        {t("detail:about.failed", { why: video.error ?? t("detail:about.unknown") })}
      </p>
      <Button size="sm" disabled={again.isPending} onClick={() => again.mutate()}>
        <RefreshCw />
        {t("kit:again")}
      </Button>
    </div>
  );
}

/* Below ["runs"], which events make old. */
function Runs({ videoId }: { videoId: string }) {
  const { t } = useTranslation();
  const runs = useQuery({
    queryKey: ["runs", "of", videoId],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/runs", { params: { query: { video_id: videoId, limit: 20 } }, signal })),
  });

  return (
    <section aria-label={t("detail:about.runs")} className="border-t px-4 py-3">
      <h3 className="mb-1 font-medium text-[13px]">{t("detail:about.runs")}</h3>
      {runs.data?.length === 0 && <p className="text-muted">{t("detail:about.noRuns")}</p>}
      <ul>
        {runs.data?.map((run) => (
          <li key={run.id}>
            <Link
              to="/runs/$runId"
              params={{ runId: run.id }}
              className="-mx-2 flex min-h-8 items-center gap-2 rounded-md px-2 hover:bg-sunken"
            >
              <Ago at={run.started_at} className="min-w-24" />
              <span className="text-muted">
                {t("detail:about.videos", { count: run.total_videos })}
              </span>
              <Badge tone={run.failed_count > 0 ? "bad" : "plain"} className="ml-auto">
                {t(`detail:about.run.${run.status}`)}
              </Badge>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function AboutTab({ video }: { video: WholeVideo }) {
  return (
    <div>
      {video.status === "failed" && <Failure video={video} />}
      <AboutFacts video={video} />
      <Runs videoId={video.id} />
    </div>
  );
}
