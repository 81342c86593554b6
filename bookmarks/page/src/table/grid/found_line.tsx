import { t } from "i18next";
import { Clock } from "lucide-react";
import type { Found } from "../../api/client.ts";
import { clock } from "../../values/words.ts";

/* Every second part is a hit. */
function Snippet({ found }: { found: Found }) {
  let at = 0;

  return (
    <span className="min-w-0 truncate">
      {found.parts.map((part, place) => {
        const key = at;
        at += part.length + 1;
        return place % 2 === 1 ? (
          <mark key={key} className="rounded-sm bg-warn-soft px-0.5 text-warn">
            {part}
          </mark>
        ) : (
          <span key={key}>{part}</span>
        );
      })}
    </span>
  );
}

/** Where the words of a search are: in its texts, and at which second somebody says them. */
export function FoundLine({ found }: { found: Found }) {
  return (
    <div className="sticky left-10 flex w-[min(100%,calc(100cqw-3rem))] items-center gap-2 pr-4 pl-[calc(var(--title-left)-2rem)] text-[13px] text-muted">
      {found.moments.map((moment) => (
        <button
          key={moment.at_seconds}
          type="button"
          tabIndex={-1}
          data-at={moment.at_seconds}
          data-tip={moment.text}
          aria-label={t("table:openAt", { at: clock(moment.at_seconds) })}
          className="inline-flex h-5 shrink-0 items-center gap-1 rounded bg-accent-soft px-1.5 text-accent-ink text-xs tabular-nums hover:brightness-95"
        >
          <Clock className="size-3" />
          {clock(moment.at_seconds)}
        </button>
      ))}
      {found.in && <span className="shrink-0">{t(`table:in.${found.in}`)}</span>}
      <Snippet found={found} />
    </div>
  );
}
