import { Link } from "@tanstack/react-router";
import { cn } from "barq-web/kit";
import { useTranslation } from "react-i18next";

export type Bar = { name: string; count: number; query?: string; color?: string | null };

const row = "grid grid-cols-[minmax(0,35%)_minmax(0,1fr)_auto] items-center gap-3 rounded-md py-1";

function Inside({ bar, most }: { bar: Bar; most: number }) {
  const { i18n } = useTranslation();

  return (
    <>
      <span className="truncate" title={bar.name}>
        {bar.name}
      </span>
      <span aria-hidden className="h-3 rounded-sm bg-sunken">
        <span
          className={cn("block h-full rounded-sm", !bar.color && "bg-accent")}
          style={{
            width: `${(100 * bar.count) / Math.max(1, most)}%`,
            minWidth: bar.count > 0 ? 2 : 0,
            background: bar.color ?? undefined,
          }}
        />
      </span>
      <span className="min-w-8 text-right text-[13px] text-muted tabular-nums">
        {bar.count.toLocaleString(i18n.language)}
      </span>
    </>
  );
}

/** Bars below each other, each with its name and count; it leads to its videos. */
export function Bars({ listId, bars }: { listId: string; bars: Bar[] }) {
  const most = Math.max(...bars.map((bar) => bar.count));

  return (
    <ul className="flex flex-col">
      {bars.map((bar) => (
        <li key={bar.name}>
          {bar.query && bar.count > 0 ? (
            <Link
              to="/lists/$listId"
              params={{ listId }}
              search={{ q: bar.query }}
              className={cn(row, "-mx-2 min-h-8 px-2 hover:bg-sunken")}
            >
              <Inside bar={bar} most={most} />
            </Link>
          ) : (
            <div className={cn(row, "min-h-8")}>
              <Inside bar={bar} most={most} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
