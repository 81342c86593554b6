const DELAY_MS = 350;

/* As near to the tip as it is to its mark, so that a pointer gets from the one to the other. */
const REACH_PX = 6;

function isOver(box: Element | null, { clientX: x, clientY: y }: PointerEvent) {
  const { left, right, top, bottom } = box?.getBoundingClientRect() ?? new DOMRect(-1e6);
  return (
    x >= left - REACH_PX && x <= right + REACH_PX && y >= top - REACH_PX && y <= bottom + REACH_PX
  );
}

/**
 * Tells which [data-tip] of the page is to say it: one that is pointed at for a while, or that the keyboard came
 * to. It stays as long as the pointer is on it or on the tip (`area`), and Escape takes it away (WCAG 1.4.13).
 * One set of listeners for thousands of cells and buttons, of which none has to know.
 */
export function watchTips(does: {
  show: (mark: Element) => void;
  hide: () => void;
  area: () => Element | null;
}) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let mark: Element | null = null;
  let isShown = false;

  const hide = () => {
    clearTimeout(timer);
    if (isShown) {
      isShown = false;
      does.hide();
    }
  };
  const turnTo = (next: Element | null, delay: number) => {
    hide();
    mark = next;
    if (next) {
      timer = setTimeout(() => {
        if (next.isConnected) {
          isShown = true;
          does.show(next);
        }
      }, delay);
    }
  };

  const onMove = (event: PointerEvent) => {
    const next = (event.target as Element).closest("[data-tip]");
    const isFinger = event.pointerType === "touch";
    if (next !== mark && !isFinger && !(isShown && isOver(does.area(), event))) {
      turnTo(next, DELAY_MS);
    }
  };
  const onFocus = ({ target }: FocusEvent) => {
    if (target instanceof Element && target.matches("[data-tip]:focus-visible")) {
      turnTo(target, 0);
    }
  };
  /* The first Escape is for the tip alone, since what lies below it is often a dialog. What another key does may
   * take the mark away. */
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isShown && mark?.isConnected) {
      event.stopPropagation();
    }
    hide();
  };

  const listening = new AbortController();
  const options = { capture: true, passive: true, signal: listening.signal };
  addEventListener("pointermove", onMove, options);
  addEventListener("focusin", onFocus, options);
  addEventListener("keydown", onKey, options);
  for (const end of ["focusout", "pointerdown", "click", "scroll"]) {
    addEventListener(end, hide, options);
  }
  document.documentElement.addEventListener("pointerleave", () => turnTo(null, 0), {
    signal: listening.signal,
  });
  return () => {
    listening.abort();
    clearTimeout(timer);
  };
}
