import { useLayoutEffect, useRef, useState } from "react";
import { Kbd } from "./kbd.tsx";
import { watchTips } from "./watch_tips.ts";

const GAP_PX = 6;
const EDGE_PX = 8;

/** Below the mark, or above it where the screen ends: in its middle, or at the beginning of a wide one. */
function place(tip: HTMLElement, mark: Element) {
  const about = mark.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const left = about.width < width ? about.left + (about.width - width) / 2 : about.left;
  const below = about.bottom + GAP_PX;
  const isBelow = below + height + EDGE_PX <= innerHeight;

  tip.style.left = `${Math.max(EDGE_PX, Math.min(left, innerWidth - width - EDGE_PX))}px`;
  tip.style.top = `${isBelow ? below : about.top - height - GAP_PX}px`;
}

/**
 * The one tooltip of a page: says the data-tip, and the shortcut in data-tip-keys, of what somebody points at or
 * tabs to. It is for eyes only; whatever has a tip has a name too.
 */
export function Tip() {
  const [mark, setMark] = useState<Element>();
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (box.current && mark) {
      place(box.current, mark);
    }
  }, [mark]);
  useLayoutEffect(
    () => watchTips({ show: setMark, hide: () => setMark(undefined), area: () => box.current }),
    [],
  );

  const keys = mark?.getAttribute("data-tip-keys");
  return (
    mark && (
      <div
        ref={box}
        role="tooltip"
        className="pointer-events-none fixed z-[60] flex max-w-80 items-center gap-2 whitespace-pre-line rounded-md bg-ink px-2 py-1 text-page text-xs shadow-raised"
      >
        {mark.getAttribute("data-tip")}
        {keys && <Kbd look="on-ink">{keys}</Kbd>}
      </div>
    )
  );
}
