import { type RefObject, useEffect, useState } from "react";

const DELAY_MS = 350;

type Tip = { text: string; x: number; y: number; isAbove: boolean };

/** What [data-tip] within `box` has to say, shown by one tooltip for thousands of cells. */
export function Tip({ box }: { box: RefObject<HTMLElement | null> }) {
  const [tip, setTip] = useState<Tip>();

  useEffect(() => {
    const element = box.current;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over: Element | null = null;
    const leave = () => {
      clearTimeout(timer);
      over = null;
      setTip(undefined);
    };
    const enter = (event: PointerEvent) => {
      const marked = (event.target as Element).closest("[data-tip]");
      if (marked === over) {
        return;
      }
      leave();
      over = marked;
      if (marked) {
        timer = setTimeout(() => {
          const place = marked.getBoundingClientRect();
          const isAbove = place.bottom > innerHeight - 120;
          setTip({
            text: marked.getAttribute("data-tip") ?? "",
            x: Math.min(place.left, innerWidth - 328),
            y: isAbove ? innerHeight - place.top + 6 : place.bottom + 6,
            isAbove,
          });
        }, DELAY_MS);
      }
    };

    element?.addEventListener("pointerover", enter);
    element?.addEventListener("pointerleave", leave);
    element?.addEventListener("scroll", leave);
    return () => {
      clearTimeout(timer);
      element?.removeEventListener("pointerover", enter);
      element?.removeEventListener("pointerleave", leave);
      element?.removeEventListener("scroll", leave);
    };
  }, [box]);

  return (
    tip && (
      <div
        role="tooltip"
        className="pointer-events-none fixed z-50 max-w-80 whitespace-pre-line rounded-md bg-ink px-2 py-1 text-page text-xs shadow-raised"
        style={{ left: Math.max(8, tip.x), [tip.isAbove ? "bottom" : "top"]: tip.y }}
      >
        {tip.text}
      </div>
    )
  );
}
