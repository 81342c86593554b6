import { Link } from "@tanstack/react-router";
import { Ago, Badge, IconButton, type Tone } from "barq-web/kit";
import { RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Run, RunVideo } from "../api/client.ts";
import { useRunChange } from "./use_run_change.ts";

const tones: Record<RunVideo["status"], Tone> = {
  waiting: "plain",
  processing: "accent",
  held: "warn",
  completed: "ok",
  failed: "bad",
  cancelled: "plain",
};

export function RunVideoRow({ run, video }: { run: Run; video: RunVideo }) {
  const { t } = useTranslation();
  const change = useRunChange();

  return (
    <div className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-2 sm:flex-nowrap sm:px-4">
      <div className="w-full shrink-0 sm:w-24">
        <Badge tone={tones[video.status]}>{t(`runs:video.${video.status}`)}</Badge>
      </div>
      <div className="min-w-0 flex-1">
        <Link
          to="/lists/$listId"
          params={{ listId: run.list_id }}
          search={{ video: video.video_id }}
          className="block truncate hover:underline"
        >
          {video.title ?? video.youtube_id}
        </Link>
        {video.reason && (
          <p className="line-clamp-3 break-words text-[13px] text-muted">{video.reason}</p>
        )}
      </div>
      <div className="hidden shrink-0 text-right text-[13px] text-muted tabular-nums sm:block">
        {video.tries > 1 && <p>{t("runs:tries", { count: video.tries })}</p>}
        {video.next_try_at ? (
          <p>
            {t("runs:nextTry")} <Ago at={video.next_try_at} />
          </p>
        ) : (
          <Ago at={video.updated_at} />
        )}
      </div>
      <div className="w-9 shrink-0">
        {video.status === "failed" && !run.dry_run && (
          <IconButton
            label={t("runs:retryOne")}
            onClick={() => change.mutate({ run, how: "retry", videoId: video.video_id })}
          >
            <RotateCcw />
          </IconButton>
        )}
      </div>
    </div>
  );
}
