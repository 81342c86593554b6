import { Button, clockTime } from "barq-web/kit";
import { ExternalLink, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../../api/client.ts";
import { PlayerFrame } from "./frame.tsx";
import { useMoment, usePlayback } from "./playback.ts";
import { useProgress } from "./use_progress.ts";
import type { Trouble } from "./youtube.ts";

function WatchLink({ video }: { video: WholeVideo }) {
  const { t } = useTranslation();

  return (
    <Button asChild size="sm">
      <a href={video.url} target="_blank" rel="noreferrer">
        <ExternalLink />
        {t("detail:player.elsewhere")}
      </a>
    </Button>
  );
}

function Note({ video, trouble }: { video: WholeVideo; trouble: Trouble }) {
  const { t } = useTranslation();

  return (
    <div
      role="status"
      className="flex size-full flex-col items-center justify-center gap-3 p-6 text-center text-muted"
    >
      <p className="max-w-sm text-balance">{t(`detail:player.${trouble}`)}</p>
      <WatchLink video={video} />
    </div>
  );
}

/** Stands in the player's place until somebody wants it: nothing of the player is loaded before. */
function Cover({ video }: { video: WholeVideo }) {
  const { t } = useTranslation();
  const playback = usePlayback();
  const seconds = useMoment((moment) => moment.seconds);
  const [isBroken, setBroken] = useState(false);
  const label =
    seconds >= 1
      ? t("detail:player.playFrom", { time: clockTime(seconds) })
      : t("detail:player.play");

  return (
    <button
      type="button"
      aria-label={label}
      className="group relative size-full"
      onClick={() => playback.jump(seconds)}
    >
      {video.thumbnail_url && !isBroken && (
        <img
          src={video.thumbnail_url}
          alt=""
          referrerPolicy="no-referrer"
          className="size-full object-cover"
          onError={() => setBroken(true)}
        />
      )}
      <span className="absolute inset-0 flex items-center justify-center">
        <span className="flex items-center gap-2 rounded-full bg-black/75 py-2.5 pr-4 pl-3 font-medium text-white transition-colors group-hover:bg-black">
          <Play className="size-5 fill-current" aria-hidden />
          {label}
        </span>
      </span>
      {video.duration_seconds != null && (
        <span className="absolute right-2 bottom-2 rounded bg-black/75 px-1.5 py-0.5 text-white text-xs tabular-nums">
          {clockTime(video.duration_seconds)}
        </span>
      )}
    </button>
  );
}

export function Player({ video }: { video: WholeVideo }) {
  const isStarted = useMoment((moment) => moment.isStarted);
  const [trouble, setTrouble] = useState<Trouble>();
  const refused = video.is_embeddable === false ? "refused" : undefined;
  const isAway = isStarted && !navigator.onLine ? "silent" : undefined;
  const shown = trouble ?? refused ?? isAway;

  useProgress(video.id);
  return (
    <div className="aspect-video max-h-[45dvh] w-full shrink-0 overflow-hidden bg-sunken">
      {shown ? (
        <Note video={video} trouble={shown} />
      ) : isStarted ? (
        <PlayerFrame youtubeId={video.youtube_id} onTrouble={setTrouble} />
      ) : (
        <Cover video={video} />
      )}
    </div>
  );
}
