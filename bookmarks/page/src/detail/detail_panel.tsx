import { useQuery } from "@tanstack/react-query";
import { ErrorNote, IconButton } from "barq-web/kit";
import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../api/client.ts";
import { videoQuery } from "../api/queries.ts";
import { Header, type Leaving } from "./header.tsx";
import { makePlayback, PlaybackContext } from "./player/playback.ts";
import { Player } from "./player/player.tsx";
import { DetailTabs } from "./tabs/detail_tabs.tsx";
import { VideoTags } from "./tags/video_tags.tsx";
import { useChange } from "./use_change.ts";

/* Where to go on: what is asked for, where one was, where the address begins. From a watched one's start again. */
function startOf(video: WholeVideo, at: number | undefined) {
  return at ?? (video.watched_at ? null : video.watch_position) ?? video.start_seconds ?? 0;
}

function Whole({ video, at, ...leaving }: { video: WholeVideo; at?: number } & Leaving) {
  const change = useChange(video.id);
  const [playback] = useState(() => makePlayback(startOf(video, at)));

  /* Another moment of the same video, as from a hit of the search. */
  const shownAt = useRef(at);
  useEffect(() => {
    if (at !== undefined && at !== shownAt.current) {
      playback.jump(at);
    }
    shownAt.current = at;
  }, [at, playback]);

  return (
    <PlaybackContext value={playback}>
      <Header video={video} change={change} {...leaving} />
      {/* On a low screen all of it scrolls; on a high one the tabs do. */}
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
        <Player video={video} />
        <VideoTags video={video} />
        <DetailTabs video={video} change={change} />
      </div>
    </PlaybackContext>
  );
}

function Waiting() {
  const { t } = useTranslation();

  return (
    <div role="status" aria-label={t("kit:loading")} className="flex flex-col gap-3 p-4 pt-12">
      <div className="h-5 w-3/4 animate-pulse rounded bg-sunken" />
      <div className="h-4 w-1/2 animate-pulse rounded bg-sunken" />
      <div className="-mx-4 mt-3 aspect-video animate-pulse bg-sunken" />
    </div>
  );
}

/**
 * One video with everything, beside the list or, on a phone, in its place. `at`: seconds, where it is to begin.
 * It takes the room that it is given.
 */
export function DetailPanel({
  videoId,
  at,
  ...leaving
}: { videoId: string; at?: number } & Leaving) {
  const { t } = useTranslation();
  const video = useQuery(videoQuery(videoId));

  return (
    <section
      aria-label={t("detail:name")}
      className="flex size-full min-h-0 min-w-0 flex-col bg-surface"
    >
      {video.data ? (
        <Whole key={video.data.id} video={video.data} at={at} {...leaving} />
      ) : (
        <div className="relative">
          <IconButton
            label={t("kit:close")}
            size="sm"
            className="absolute top-2 right-2"
            onClick={leaving.onClose}
          >
            <X />
          </IconButton>
          {video.error ? (
            <div className="p-4 pt-12">
              <ErrorNote error={video.error} onRetry={() => video.refetch()} />
            </div>
          ) : (
            <Waiting />
          )}
        </div>
      )}
    </section>
  );
}
