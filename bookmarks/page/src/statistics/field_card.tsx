import { Link } from "@tanstack/react-router";
import { Meter } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { Bars } from "./bars.tsx";
import { Card } from "./card.tsx";
import { Histogram } from "./histogram.tsx";
import { emptyQuery, type FieldStatistics, optionQuery } from "./queries.ts";

const sources = [
  ["person", "bg-accent"],
  ["import", "bg-info"],
  ["model", "bg-ok"],
  ["rule", "bg-warn"],
] as const;

/* How many videos have a value, and who said it. */
function Filled({ listId, field }: { listId: string; field: FieldStatistics }) {
  const { t } = useTranslation();
  const total = field.filled_count + field.empty_count;
  const parts = sources
    .map(([name, className]) => ({
      value: field.sources[name],
      className,
      label: t(`statistics:by.${name}`, { count: field.sources[name] }),
    }))
    .filter((part) => part.value > 0);

  return (
    <div className="mt-4">
      <Meter
        label={t("statistics:filled", { count: field.filled_count, total })}
        total={total}
        parts={parts}
      />
      <ul className="mt-1.5 flex flex-wrap gap-x-3 gap-y-1 text-muted text-xs">
        {parts.map((part) => (
          <li key={part.label} className="inline-flex items-center gap-1.5">
            <span aria-hidden className={`size-2 rounded-full ${part.className}`} />
            {part.label}
          </li>
        ))}
        {field.empty_count > 0 && (
          <li>
            <Link
              to="/lists/$listId"
              params={{ listId }}
              search={{ q: emptyQuery(field.name) }}
              className="underline underline-offset-2 hover:text-ink"
            >
              {t("statistics:empty", { count: field.empty_count })}
            </Link>
          </li>
        )}
      </ul>
    </div>
  );
}

function Distribution({ listId, field }: { listId: string; field: FieldStatistics }) {
  const { t } = useTranslation();
  const { distribution } = field;

  if (distribution.kind === "options") {
    const bars = distribution.options.map(({ option, count }) => ({
      name: typeof option === "boolean" ? t(option ? "values:yes" : "values:no") : option,
      count,
      query: optionQuery(field.name, option),
    }));
    const others =
      distribution.other_count > 0
        ? [{ name: t("statistics:others"), count: distribution.other_count }]
        : [];
    return <Bars listId={listId} bars={[...bars, ...others]} />;
  }
  return distribution.kind === "range" ? (
    <Histogram listId={listId} field={field} range={distribution} />
  ) : null;
}

export function FieldCard({ listId, field }: { listId: string; field: FieldStatistics }) {
  const { t } = useTranslation();
  const total = field.filled_count + field.empty_count;
  const percent = Math.round((100 * field.filled_count) / Math.max(1, total));

  return (
    <Card title={field.label} note={t("statistics:percent", { percent })}>
      {field.filled_count === 0 ? (
        <p className="text-muted">{t("statistics:noValues")}</p>
      ) : (
        <Distribution listId={listId} field={field} />
      )}
      <Filled listId={listId} field={field} />
    </Card>
  );
}
