import { useVirtualizer } from "@tanstack/react-virtual";
import { tones } from "barq-web/kit";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { looks } from "./looks.tsx";
import type { ImportLine } from "./report.ts";

const ROW_PX = 44;
const SHOWN_ROWS = 8;

export type Line = ImportLine & { file: string };

function Row({ line }: { line: Line }) {
  const { t } = useTranslation();
  const { icon: Icon, tone } = looks[line.outcome];
  const place = [line.file, line.member].filter(Boolean).join(" › ");

  return (
    <div className="flex h-11 items-center gap-3 border-b px-3">
      <span
        className={`inline-flex size-6 shrink-0 items-center justify-center rounded ${tones[tone]}`}
        title={t(`intake:outcome.${line.outcome}`)}
      >
        <Icon aria-label={t(`intake:outcome.${line.outcome}`)} className="size-3.5" />
      </span>
      <div className="min-w-0 flex-1 leading-tight">
        <div className="truncate" title={line.text ?? line.url}>
          {line.title ?? line.text ?? line.url ?? line.id}
        </div>
        {line.reason && <div className="truncate text-muted text-xs">{line.reason}</div>}
        {!line.reason && line.outcome === "expanding" && (
          <div className="truncate text-muted text-xs">
            {line.kind === "channel" ? t("intake:channelExpands") : t("intake:playlistExpands")}
          </div>
        )}
      </div>
      {line.line !== undefined && (
        <span
          className="hidden max-w-48 shrink-0 truncate text-muted text-xs sm:inline"
          title={place}
        >
          {place === ""
            ? t("intake:line", { line: line.line })
            : t("intake:lineOf", { line: line.line, file: place })}
        </span>
      )}
    </div>
  );
}

/** Each line of what is to be imported; of thousands only those in sight. */
export function PreviewLines({ lines }: { lines: Line[] }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });

  return (
    <section
      ref={box}
      aria-label={t("intake:lines")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      className="overflow-y-auto rounded-lg border bg-surface"
      style={{ maxHeight: ROW_PX * SHOWN_ROWS }}
    >
      <ul style={{ height: rows.getTotalSize() }} className="relative">
        {rows.getVirtualItems().map((row) => {
          const line = lines[row.index];
          return (
            line && (
              <li
                key={row.key}
                aria-setsize={lines.length}
                aria-posinset={row.index + 1}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <Row line={line} />
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}
