import { useVirtualizer } from "@tanstack/react-virtual";
import { cn, ErrorNote } from "barq-web/kit";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Run } from "../api/client.ts";
import { RunVideoRow } from "./run_video_row.tsx";
import { type Stored, useRunVideos } from "./use_run_videos.ts";

const ROW_PX = 57;
const filters = [undefined, "waiting", "completed", "failed", "cancelled"] as const;

function countOf(run: Run, status: Stored | undefined) {
  const counts = {
    waiting: run.waiting_count,
    completed: run.processed_count,
    failed: run.failed_count,
    cancelled: run.cancelled_count,
  };
  return status ? counts[status] : run.total_videos;
}

/** The videos of a run and how each does; those that failed first in mind. */
export function RunVideos({ run }: { run: Run }) {
  const { t } = useTranslation();
  const [status, setStatus] = useState<Stored | undefined>(
    run.failed_count > 0 ? "failed" : undefined,
  );
  const query = useRunVideos(run.id, status);
  const videos = query.data?.pages.flat() ?? [];
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: videos.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const items = rows.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;

  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastSeen >= videos.length - 20) {
      void fetchNextPage();
    }
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastSeen, videos.length]);

  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="sr-only">{t("runs:filter")}</legend>
        {filters
          .filter((one) => !one || one === status || countOf(run, one) > 0)
          .map((one) => (
            <button
              key={one ?? "all"}
              type="button"
              aria-pressed={one === status}
              onClick={() => setStatus(one)}
              className={cn(
                "h-8 rounded-full border px-3 text-[13px] tabular-nums hover:bg-sunken",
                one === status && "border-accent bg-accent-soft text-accent-ink",
              )}
            >
              {t(one ? `runs:count.${one}` : "runs:count.all", { count: countOf(run, one) })}
            </button>
          ))}
      </fieldset>
      {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      <section
        ref={box}
        aria-label={t("runs:videos")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        className="min-h-40 overflow-y-auto rounded-xl border bg-surface"
      >
        {query.data && videos.length === 0 && (
          <p className="p-8 text-center text-muted">{t("runs:noVideos")}</p>
        )}
        <ul className="relative" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const video = videos[item.index];
            return (
              video && (
                <li
                  key={video.video_id}
                  ref={rows.measureElement}
                  data-index={item.index}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <RunVideoRow run={run} video={video} />
                </li>
              )
            );
          })}
        </ul>
      </section>
    </div>
  );
}
