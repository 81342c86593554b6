import { useEffect, useRef, useState } from "react";
import { hasSources, type Source, sourcesOf } from "./source.ts";
import { mayHoldVideos } from "./text.ts";

const typing = "input, textarea, select, [contenteditable=true]";
const open = "[role=dialog][data-state=open]";

function isForUs(target: EventTarget | null) {
  return !(target instanceof Element && target.closest(typing)) && !document.querySelector(open);
}

/* What is dragged within the page (a row's link, the bookmarklet) is not meant for it. */
let isOwnDrag = false;
addEventListener("dragstart", () => {
  isOwnDrag = true;
});
addEventListener("dragend", () => {
  isOwnDrag = false;
});

export type Over = { files: number } | undefined;

/** Calls `take` with what is pasted or dropped anywhere on the page; answers with what hovers over it. */
export function useAnywhere(take: (sources: Source[]) => void): Over {
  const latest = useRef(take);
  const [over, setOver] = useState<Over>(undefined);
  latest.current = take;

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    let depth = 0;
    const isMeant = (event: DragEvent) =>
      !isOwnDrag &&
      event.dataTransfer &&
      hasSources(event.dataTransfer) &&
      !document.querySelector(open);
    const leave = () => {
      depth = 0;
      setOver(undefined);
    };

    addEventListener(
      "paste",
      (event) => {
        const sources =
          event.clipboardData && isForUs(event.target) ? sourcesOf(event.clipboardData) : [];
        if (sources.some(({ body }) => typeof body !== "string" || mayHoldVideos(body))) {
          event.preventDefault();
          latest.current(sources);
        }
      },
      { signal },
    );
    addEventListener(
      "dragenter",
      (event) => {
        if (isMeant(event)) {
          depth++;
          setOver({ files: [...(event.dataTransfer?.items ?? [])].filter(isFile).length });
        }
      },
      { signal },
    );
    addEventListener(
      "dragleave",
      () => {
        depth--;
        if (depth <= 0) {
          leave();
        }
      },
      { signal },
    );
    addEventListener(
      "dragover",
      (event) => {
        if (isMeant(event) && event.dataTransfer) {
          event.preventDefault();
          event.dataTransfer.dropEffect = "copy";
        }
      },
      { signal },
    );
    addEventListener(
      "drop",
      (event) => {
        leave();
        if (isMeant(event) && event.dataTransfer) {
          event.preventDefault();
          latest.current(sourcesOf(event.dataTransfer));
        }
      },
      { signal },
    );
    return () => stop.abort();
  }, []);
  return over;
}

function isFile(item: DataTransferItem) {
  return item.kind === "file";
}
