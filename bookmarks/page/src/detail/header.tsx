import { Badge, IconButton, Input } from "barq-web/kit";
import { ChevronDown, ChevronUp, ExternalLink, Eye, EyeOff, Pencil, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../api/client.ts";
import { Facts } from "./facts.tsx";
import type { useChange } from "./use_change.ts";

export type Leaving = {
  onClose: () => void;
  onPrevious?: () => void;
  onNext?: () => void;
};

function Title({ video, onChange }: { video: WholeVideo; onChange: (own: string | null) => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<string>();
  const theirs = video.title ?? video.youtube_id;
  const title = video.own_title ?? theirs;
  const save = () => {
    const own = draft?.trim();
    setDraft(undefined);
    if (own !== undefined && own !== title) {
      onChange(own === "" || own === theirs ? null : own);
    }
  };

  if (draft !== undefined) {
    return (
      <Input
        autoFocus
        aria-label={t("detail:ownTitle")}
        placeholder={theirs}
        maxLength={500}
        value={draft}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            save();
          } else if (event.key === "Escape") {
            event.stopPropagation();
            setDraft(undefined);
          }
        }}
      />
    );
  }
  return (
    <div className="min-w-0">
      <h2 className="group font-semibold text-base leading-snug">
        <span className="break-words">{title}</span>{" "}
        <IconButton
          label={t("detail:rename")}
          size="sm"
          look="faint"
          className="-my-1 align-middle opacity-60 focus-visible:opacity-100 group-hover:opacity-100"
          onClick={() => setDraft(title)}
        >
          <Pencil className="!size-3.5" />
        </IconButton>
      </h2>
      {video.own_title && video.title && (
        <p className="mt-0.5 break-words text-[13px] text-muted">
          {t("detail:theirTitle", { title: video.title })}
        </p>
      )}
    </div>
  );
}

function Availability({ video }: { video: WholeVideo }) {
  const { t } = useTranslation();

  return video.availability === "gone" || video.availability === "private" ? (
    <Badge tone="warn" wraps className="mt-2">
      {t(`detail:availability.${video.availability}`)}
    </Badge>
  ) : null;
}

export function Header({
  video,
  change,
  onClose,
  onPrevious,
  onNext,
}: { video: WholeVideo; change: ReturnType<typeof useChange> } & Leaving) {
  const { t } = useTranslation();
  const isWatched = Boolean(video.watched_at);

  return (
    <header className="shrink-0 border-b px-4 pt-2 pb-3">
      <div className="-mx-2 mb-1 flex items-center">
        {onPrevious && (
          <IconButton label={t("detail:previous")} keys="k" size="sm" onClick={onPrevious}>
            <ChevronUp />
          </IconButton>
        )}
        {onNext && (
          <IconButton label={t("detail:next")} keys="j" size="sm" onClick={onNext}>
            <ChevronDown />
          </IconButton>
        )}
        <span className="flex-1" />
        <IconButton
          label={t(isWatched ? "detail:setUnwatched" : "detail:setWatched")}
          aria-pressed={isWatched}
          size="sm"
          onClick={() => change.setWatched(!isWatched)}
        >
          {isWatched ? <Eye className="text-accent-ink" /> : <EyeOff className="text-muted" />}
        </IconButton>
        <a
          href={video.url}
          target="_blank"
          rel="noreferrer"
          aria-label={t("detail:openOnYouTube")}
          title={t("detail:openOnYouTube")}
          className="inline-flex size-7 items-center justify-center rounded-md hover:bg-sunken [&_svg]:size-4"
        >
          <ExternalLink aria-hidden />
        </a>
        <IconButton label={t("kit:close")} keys="Esc" size="sm" onClick={onClose}>
          <X />
        </IconButton>
      </div>
      <Title video={video} onChange={change.setTitle} />
      <Facts video={video} />
      <Availability video={video} />
    </header>
  );
}
