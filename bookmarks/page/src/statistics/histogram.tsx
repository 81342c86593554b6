import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { bucketQuery, type FieldStatistics, type RangeDistribution } from "./queries.ts";
import { useMark } from "./use_mark.ts";

const at = (mark: number | string) => (typeof mark === "number" ? mark : Date.parse(mark));

/* Where the median is between the ends of all buckets, in percent. */
function placeOf(median: number | string, { buckets }: RangeDistribution) {
  const first = buckets[0];
  const last = buckets.at(-1);
  if (!first || !last) {
    return 0;
  }
  return (100 * (at(median) - at(first.from))) / Math.max(at(last.to) - at(first.from), 1e-9);
}

/** Columns beside each other, from the least to the most, with a line at the median. */
export function Histogram({
  listId,
  field,
  range,
}: {
  listId: string;
  field: FieldStatistics;
  range: RangeDistribution;
}) {
  const { t } = useTranslation();
  const { words, between } = useMark(field);
  const { buckets, median } = range;
  const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
  const isRating = field.type === "rating";
  /* A rating has a column for each mark, also for those that nobody has given. */
  const [least, best] = isRating
    ? [buckets[0]?.from, buckets.at(-1)?.from]
    : [range.min, range.max];

  return (
    <div>
      <ol className="relative flex h-32 items-end gap-px">
        {buckets.map((bucket, index) => {
          const label = t("statistics:bucket", {
            range: isRating ? words(bucket.from) : between(bucket.from, bucket.to),
            count: bucket.count,
          });
          return (
            <li key={bucket.from} className="flex h-full min-w-0 flex-1 items-end">
              {bucket.count > 0 && (
                <Link
                  to="/lists/$listId"
                  params={{ listId }}
                  search={{ q: bucketQuery(field.name, bucket, index === buckets.length - 1) }}
                  aria-label={label}
                  data-tip={label}
                  className="flex h-full w-full items-end rounded-t-sm hover:bg-sunken"
                >
                  <span
                    className="block w-full rounded-t-sm bg-accent"
                    style={{ height: `${(100 * bucket.count) / most}%`, minHeight: 2 }}
                  />
                </Link>
              )}
            </li>
          );
        })}
        {median !== null && !isRating && (
          <li
            aria-hidden
            className="pointer-events-none absolute inset-y-0 w-0 border-ink border-l border-dashed"
            style={{ left: `${placeOf(median, range)}%` }}
          />
        )}
      </ol>
      <div className="mt-1.5 flex justify-between gap-2 border-t pt-1.5 text-muted text-xs tabular-nums">
        <span>{least != null && words(least)}</span>
        {median !== null && (
          <span className="text-ink">{t("statistics:median", { value: words(median) })}</span>
        )}
        <span>{best != null && words(best)}</span>
      </div>
    </div>
  );
}
