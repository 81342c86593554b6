import { Ago, Badge, clockTime } from "barq-web/kit";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../../api/client.ts";

const origins = new Set(["api", "oembed", "feed", "ytdlp", "file", "shipped"]);

/* What of it is known, with the keys of its names; what is not known is not shown. */
function useFacts(video: WholeVideo): [string, ReactNode][] {
  const { t, i18n } = useTranslation();
  const number = (count: number | null | undefined) => count?.toLocaleString(i18n.language);
  const yesNo = (is: boolean | null | undefined) =>
    is != null && t(is ? "values:yes" : "values:no");
  const ago = (at: string | null | undefined) => at && <Ago at={at} />;
  const language = (code: string) => {
    try {
      return new Intl.DisplayNames([i18n.language], { type: "language" }).of(code);
    } catch {
      return code; /* not every word that YouTube has here is a language's code */
    }
  };
  const origin = video.metadata_origin;
  const facts: [string, ReactNode][] = [
    ["status", t(`detail:about.statuses.${video.status}`)],
    ["duration", video.duration_seconds != null && clockTime(video.duration_seconds)],
    ["views", number(video.view_count)],
    ["likes", number(video.like_count)],
    ["comments", number(video.comment_count)],
    ["language", video.language && language(video.language)],
    ["category", video.category],
    ["captions", yesNo(video.has_captions)],
    ["embeddable", yesNo(video.is_embeddable)],
    ["watched", ago(video.watched_at)],
    ["position", video.watch_position ? clockTime(video.watch_position) : null],
    ["added", ago(video.added_at ?? video.created_at)],
    ["availability", video.availability && t(`detail:about.available.${video.availability}`)],
    ["checked", ago(video.checked_at)],
    ["origin", origin && (origins.has(origin) ? t(`detail:about.origins.${origin}`) : origin)],
    ["fetched", ago(video.metadata_at)],
    ["id", <code key="id">{video.youtube_id}</code>],
  ];

  return facts.filter(([, fact]) => fact);
}

export function AboutFacts({ video }: { video: WholeVideo }) {
  const { t } = useTranslation();
  const facts = useFacts(video);
  const theirs = video.youtube_tags ?? [];

  return (
    <dl className="grid grid-cols-[minmax(7rem,10rem)_minmax(0,1fr)] gap-x-3 gap-y-1.5 px-4 py-3">
      {facts.map(([name, fact]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{t(`detail:about.facts.${name}`)}</dt>
          <dd className="min-w-0 break-words">{fact}</dd>
        </div>
      ))}
      {theirs.length > 0 && (
        <div className="contents">
          <dt className="text-muted">{t("detail:about.facts.tags")}</dt>
          <dd className="flex min-w-0 flex-wrap gap-1">
            {theirs.map((tag) => (
              <Badge key={tag}>{tag}</Badge>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}
