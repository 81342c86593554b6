import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ask, Button, Empty, ErrorNote } from "barq-web/kit";
import { ArrowLeft, ChartColumn } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import { listQuery } from "../api/queries.ts";
import { tagQuery } from "../tags/tag_query.ts";
import { Bars } from "./bars.tsx";
import { Card } from "./card.tsx";
import { FieldCard } from "./field_card.tsx";
import { Growth } from "./growth.tsx";
import { channelQuery, type Statistics } from "./queries.ts";
import { Summary } from "./summary.tsx";

function NoVideos({ listId }: { listId: string }) {
  const { t } = useTranslation();

  return (
    <Empty
      icon={<ChartColumn />}
      title={t("statistics:none")}
      actions={
        <Button asChild look="primary">
          <Link to="/lists/$listId" params={{ listId }}>
            {t("statistics:toList")}
          </Link>
        </Button>
      }
    >
      {t("statistics:noneText")}
    </Empty>
  );
}

function Shown({ listId, statistics }: { listId: string; statistics: Statistics }) {
  const { t } = useTranslation();
  const { channels, tags, fields } = statistics;

  if (statistics.video_count === 0) {
    return <NoVideos listId={listId} />;
  }
  return (
    <div className="flex flex-col gap-4">
      <Summary listId={listId} statistics={statistics} />
      <Growth listId={listId} days={statistics.days} />
      {/* Cards of unlike heights, without holes between them. */}
      <div className="gap-4 lg:columns-2 [&>*]:mb-4 [&>*]:break-inside-avoid">
        {fields.map((field) => (
          <FieldCard key={field.field_id} listId={listId} field={field} />
        ))}
        {channels.length > 0 && (
          <Card title={t("statistics:channels")}>
            <Bars
              listId={listId}
              bars={channels.map(({ id, name, count }) => ({
                name,
                count,
                query: channelQuery(id),
              }))}
            />
          </Card>
        )}
        {tags.length > 0 && (
          <Card title={t("statistics:tags")}>
            <Bars
              listId={listId}
              bars={tags.map(({ name, count, color }) => ({
                name,
                count,
                color,
                query: tagQuery(name),
              }))}
            />
          </Card>
        )}
      </div>
    </div>
  );
}

/** A list where people would rather look than read: every bar leads to its videos. */
export function StatisticsPage() {
  const { t } = useTranslation();
  const { listId } = useParams({ from: "/lists/$listId/statistics" });
  const list = useQuery(listQuery(listId));
  /* Below ["lists"], which events make old. */
  const statistics = useQuery({
    queryKey: ["lists", listId, "statistics"],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/lists/{id}/statistics", { params: { path: { id: listId } }, signal })),
  });

  return (
    <div className="mx-auto max-w-5xl p-4 sm:p-6">
      <Link
        to="/lists/$listId"
        params={{ listId }}
        className="mb-1 inline-flex min-h-8 items-center gap-1.5 text-[13px] text-muted hover:text-ink"
      >
        <ArrowLeft className="size-4" aria-hidden />
        {list.data?.name ?? t("nav:lists")}
      </Link>
      <h1 className="mb-4 font-semibold text-xl">{t("nav:statistics")}</h1>
      {statistics.error && (
        <ErrorNote error={statistics.error} onRetry={() => statistics.refetch()} />
      )}
      {statistics.data && <Shown listId={listId} statistics={statistics.data} />}
    </div>
  );
}
