import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { DetailPanel } from "../detail/detail_panel.tsx";
import { useRoom } from "./room.ts";

const NARROWEST = 360;
const WIDEST = 900;
const STEP = 24;
const KEY = "panel.width";

const within = (width: number) =>
  Math.round(Math.min(WIDEST, innerWidth * 0.6, Math.max(NARROWEST, width)));

function useWidth() {
  const [width, setWidth] = useState(() => within(Number(localStorage.getItem(KEY)) || 460));

  return {
    width,
    setWidth: (next: number) => {
      const width = within(next);
      setWidth(width);
      localStorage.setItem(KEY, String(width));
    },
  };
}

/** The open video, beside the list; on a phone over everything. */
export function Panel() {
  const { t } = useTranslation();
  const { look, setLook, rows, focus } = useRoom();
  const { width, setWidth } = useWidth();
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      setWidth(width + step);
    }
  };
  const onPointerMove = (event: PointerEvent) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) {
      setWidth(innerWidth - event.clientX);
    }
  };

  /* To the video above or below, as j and k do. */
  const stepTo = (row: number) => {
    const video = focus.row < 0 || row < 0 ? undefined : rows.at(row);
    return (
      video &&
      (() => {
        focus.go(row);
        setLook({ video: video.id, at: undefined }, { replace: true });
      })
    );
  };

  return (
    look.video && (
      <aside
        aria-label={t("table:panel")}
        className="fixed inset-0 z-30 bg-surface lg:relative lg:inset-auto lg:z-auto lg:w-[var(--panel)] lg:shrink-0 lg:border-l"
        style={{ "--panel": `${width}px` } as React.CSSProperties}
      >
        <div
          role="separator"
          tabIndex={0}
          aria-orientation="vertical"
          aria-label={t("table:resizePanel")}
          aria-valuenow={width}
          aria-valuemin={NARROWEST}
          aria-valuemax={WIDEST}
          className="absolute inset-y-0 -left-1 z-10 hidden w-2 cursor-col-resize touch-none hover:bg-accent-soft lg:block"
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={onPointerMove}
          onDoubleClick={() => setWidth(460)}
          onKeyDown={onKeyDown}
        />
        <DetailPanel
          key={look.video}
          videoId={look.video}
          at={look.at}
          onPrevious={stepTo(focus.row - 1)}
          onNext={stepTo(focus.row + 1)}
          onClose={() => setLook({ video: undefined, at: undefined })}
        />
      </aside>
    )
  );
}
