import { Badge, type Tone } from "barq-web/kit";
import { t } from "i18next";
import { CircleCheck, CircleDashed, CircleX, EyeOff, type LucideIcon } from "lucide-react";
import type { Video } from "../../api/client.ts";

const looks: Record<Video["status"], { tone: Tone; Icon: LucideIcon }> = {
  pending: { tone: "plain", Icon: CircleDashed },
  completed: { tone: "ok", Icon: CircleCheck },
  failed: { tone: "bad", Icon: CircleX },
};

export function Status({ video }: { video: Video }) {
  const { tone, Icon } = looks[video.status];
  const isAway = video.availability === "gone" || video.availability === "private";

  return (
    <>
      <Badge tone={tone} data-tip={video.error ?? undefined}>
        <Icon />
        {t(`table:status.${video.status}`)}
        {video.error && <span className="sr-only">: {video.error}</span>}
      </Badge>
      {isAway && (
        <span
          role="img"
          aria-label={t(`table:${video.availability}`)}
          data-tip={t(`table:${video.availability}`)}
          className="ml-1 text-warn"
        >
          <EyeOff className="size-3.5" />
        </span>
      )}
    </>
  );
}
