import { useQuery } from "@tanstack/react-query";
import { SquareFunction } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Ago, Empty, spanTime } from "../kit/index.ts";
import type { FunctionTally } from "./api.ts";
import { useDashboard } from "./context.ts";
import { useNumbers } from "./numbers.ts";
import { numeric, Table, Td, Th } from "./table.tsx";

const counts = ["complete", "failed", "retried", "crashed", "timed_out", "receipts"] as const;

/** How long attempts ran, as bars: one for each bound. */
function Bars({ tally, bounds }: { tally: FunctionTally; bounds: number[] }) {
  const { t } = useTranslation("queue");
  const most = Math.max(1, ...tally.ran.buckets);
  const name = (index: number) => {
    const bound = bounds[index];
    return bound === undefined
      ? t("longerThan", { span: spanTime(bounds.at(-1) ?? 0) })
      : t("upTo", { span: spanTime(bound) });
  };

  return (
    <div role="img" aria-label={t("ranHistogram")} className="flex h-7 items-end gap-px">
      {tally.ran.buckets.map((value, index) => (
        <div
          key={index}
          title={`${name(index)}: ${value}`}
          className={`w-2 rounded-t-sm ${value > 0 ? "bg-accent" : "bg-line"}`}
          style={{ height: value > 0 ? `${Math.max(8, (100 * value) / most)}%` : "2px" }}
        />
      ))}
    </div>
  );
}

function span(ms: number | null) {
  return ms === null ? "–" : spanTime(ms);
}

export function FunctionsView() {
  const { t } = useTranslation("queue");
  const { queue, go } = useDashboard();
  const { count } = useNumbers();
  const told = useQuery(queue.functions).data;

  if (told?.functions.length === 0) {
    return <Empty icon={<SquareFunction />} title={t("noFunctions")} />;
  }
  return (
    <div className="flex flex-col gap-2">
      <Table
        label={t("views.functions")}
        head={
          <>
            <Th>{t("function")}</Th>
            {counts.map((name) => (
              <Th key={name} className={numeric}>
                {t(`tally.${name}`)}
              </Th>
            ))}
            <Th className={numeric}>{t("waited95")}</Th>
            <Th className={numeric}>{t("ran50")}</Th>
            <Th className={numeric}>{t("ran95")}</Th>
            <Th>{t("ranHistogram")}</Th>
          </>
        }
      >
        {told?.functions.map((one) => (
          <tr key={one.name}>
            <Td className="font-medium">
              {one.name === "" ? (
                t("others")
              ) : (
                <button
                  type="button"
                  className="hover:underline"
                  onClick={() => go({ view: "jobs", function: one.name })}
                >
                  {one.name}
                </button>
              )}
            </Td>
            {counts.map((name) => (
              <Td
                key={name}
                className={`${numeric} ${one[name] === 0 ? "text-muted" : ""} ${(name === "failed" || name === "crashed") && one[name] > 0 ? "text-bad" : ""}`}
              >
                {count(one[name])}
              </Td>
            ))}
            <Td className={numeric}>{span(one.waited.p95_ms)}</Td>
            <Td className={numeric}>{span(one.ran.p50_ms)}</Td>
            <Td className={numeric}>{span(one.ran.p95_ms)}</Td>
            <Td>
              <Bars tally={one} bounds={told.bounds_ms} />
            </Td>
          </tr>
        ))}
      </Table>
      {told && (
        <p className="text-muted text-xs">
          {t("countedSince")} <Ago at={told.since_at_ms} />
        </p>
      )}
    </div>
  );
}
