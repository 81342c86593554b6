import { useVirtualizer } from "@tanstack/react-virtual";
import { Button, clockTime, cn } from "barq-web/kit";
import { LocateFixed } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMoment, usePlayback } from "../player/playback.ts";
import { type Cue, cueAt, marked } from "./cues.ts";

const CueLine = memo(function CueLine({
  cue,
  words,
  isCurrent,
  isHit,
  onJump,
}: {
  cue: Cue;
  words: string;
  isCurrent: boolean;
  isHit: boolean;
  onJump: (seconds: number) => void;
}) {
  return (
    <button
      type="button"
      aria-current={isCurrent || undefined}
      className={cn(
        "flex min-h-8 w-full items-baseline gap-3 px-4 py-1 text-left hover:bg-sunken",
        isCurrent && "bg-accent-soft",
      )}
      onClick={() => onJump(cue.start_ms / 1000)}
    >
      <span className="w-12 shrink-0 text-right text-accent-ink text-xs tabular-nums">
        {clockTime(cue.start_ms / 1000)}
      </span>
      <span className="min-w-0 break-words">
        {marked(cue.text, words).map((part, index) =>
          index % 2 === 1 ? (
            <mark
              key={index}
              className={cn("rounded-sm bg-warn-soft text-ink", isHit && "outline-2 outline-warn")}
            >
              {part}
            </mark>
          ) : (
            part
          ),
        )}
      </span>
    </button>
  );
});

/** All that is said. The line that is said now stays in sight, until somebody scrolls by themselves. */
export function CueList({
  cues,
  words,
  hit,
}: {
  cues: Cue[];
  words: string;
  hit: number | undefined;
}) {
  const { t } = useTranslation();
  const playback = usePlayback();
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  const current = useMoment((moment) =>
    moment.isStarted ? cueAt(cues, moment.seconds * 1000) : -1,
  );
  const rows = useVirtualizer({
    count: cues.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 32,
    overscan: 12,
  });
  const { scrollToIndex } = rows;

  useEffect(() => {
    if (isFollowing && current >= 0) {
      scrollToIndex(current, { align: "center" });
    }
  }, [isFollowing, current, scrollToIndex]);
  useEffect(() => {
    if (hit !== undefined) {
      setFollowing(false);
      scrollToIndex(hit, { align: "center" });
    }
  }, [hit, scrollToIndex]);

  const leave = () => setFollowing(false);
  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={scroller}
        aria-label={t("detail:transcript.name")}
        onWheel={leave}
        onTouchMove={leave}
        className="h-full overflow-y-auto py-1"
      >
        <ol className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const cue = cues[row.index];
            return (
              cue && (
                <li
                  key={row.key}
                  ref={rows.measureElement}
                  data-index={row.index}
                  aria-setsize={cues.length}
                  aria-posinset={row.index + 1}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <CueLine
                    cue={cue}
                    words={words}
                    isCurrent={row.index === current}
                    isHit={row.index === hit}
                    onJump={playback.jump}
                  />
                </li>
              )
            );
          })}
        </ol>
      </section>
      {!isFollowing && current >= 0 && (
        <Button
          size="sm"
          className="absolute right-4 bottom-3 shadow-raised"
          onClick={() => setFollowing(true)}
        >
          <LocateFixed />
          {t("detail:transcript.follow")}
        </Button>
      )}
    </div>
  );
}
