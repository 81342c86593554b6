import { type RefObject, useLayoutEffect, useState } from "react";

const GAP_PX = 16;
const LINE_GAP_PX = 8;
const LINE_PX = 104;
const CARD_WORDS_PX = 114;
const FIELD_PX = 32;
const NARROW_PX = 560;
const CARD_MIN_PX = 230;

/** The width within, whenever it changes. */
export function useWidth(box: RefObject<HTMLElement | null>) {
  const [width, setWidth] = useState(0);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const measure = () => setWidth(element.clientWidth);
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return width;
}

/* All cards are of one height, so nothing is measured and nothing jumps. */
export function shapeOf(width: number, fields: number) {
  if (width < NARROW_PX) {
    return { across: 1, gap: LINE_GAP_PX, height: LINE_PX + fields * FIELD_PX, isLine: true };
  }
  const across = Math.min(5, Math.max(2, Math.floor((width - GAP_PX) / (CARD_MIN_PX + GAP_PX))));
  const card = (width - GAP_PX * (across + 1)) / across;

  return {
    across,
    gap: GAP_PX,
    height: Math.round((card * 9) / 16) + CARD_WORDS_PX + fields * FIELD_PX,
    isLine: false,
  };
}
