import { clockTime, cn } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client.ts";
import { useMoment, usePlayback } from "../player/playback.ts";

type Chapter = Schemas["Transcript"]["chapters"][number];

function indexAt(chapters: Chapter[], seconds: number) {
  return chapters.findLastIndex((chapter) => chapter.start_seconds <= seconds);
}

export function Chapters({ chapters, isOpen }: { chapters: Chapter[]; isOpen: boolean }) {
  const { t } = useTranslation();
  const playback = usePlayback();
  const current = useMoment((moment) =>
    moment.isStarted ? indexAt(chapters, moment.seconds) : -1,
  );

  return (
    <details open={isOpen} className="shrink-0 border-b">
      <summary className="px-4 py-2 font-medium text-[13px] hover:bg-sunken">
        {t("detail:transcript.chapters", { count: chapters.length })}
      </summary>
      <ol className={cn("pb-2", !isOpen && "max-h-56 overflow-y-auto")}>
        {chapters.map((chapter, index) => (
          <li key={chapter.start_seconds}>
            <button
              type="button"
              aria-current={index === current || undefined}
              className={cn(
                "flex min-h-8 w-full items-baseline gap-3 px-4 py-1 text-left hover:bg-sunken",
                index === current && "bg-accent-soft text-accent-ink",
              )}
              onClick={() => playback.jump(chapter.start_seconds)}
            >
              <span className="w-12 shrink-0 text-right text-accent-ink text-xs tabular-nums">
                {clockTime(chapter.start_seconds)}
              </span>
              <span className="min-w-0 break-words">{chapter.title}</span>
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}
