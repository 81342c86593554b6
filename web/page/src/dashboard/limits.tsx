import { useQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Badge, Empty, Meter, spanTime } from "../kit/index.ts";
import type { Limit } from "./api.ts";
import { useDashboard } from "./context.ts";
import { useNumbers } from "./numbers.ts";
import { numeric, Table, Td, Th } from "./table.tsx";

function Allowed({ limit }: { limit: Limit }) {
  const { t } = useTranslation("queue");

  return (
    <span className="flex flex-wrap gap-2">
      {limit.max_running !== null && <span>{t("atOnce", { count: limit.max_running })}</span>}
      {limit.max_starts !== null && limit.per_ms !== null && (
        <span>{t("starts", { count: limit.max_starts, span: spanTime(limit.per_ms) })}</span>
      )}
      {limit.each_key && <Badge>{t("eachKey")}</Badge>}
    </span>
  );
}

export function LimitsView() {
  const { t } = useTranslation("queue");
  const { queue, go } = useDashboard();
  const { count } = useNumbers();
  const limits = useQuery(queue.limits).data?.limits;

  if (limits?.length === 0) {
    return (
      <Empty icon={<Gauge />} title={t("noLimits")}>
        {t("noLimitsText")}
      </Empty>
    );
  }
  return (
    <Table
      label={t("views.limits")}
      head={
        <>
          <Th>{t("function")}</Th>
          <Th>{t("key")}</Th>
          <Th>{t("allowed")}</Th>
          <Th className={numeric}>{t("state.in_progress")}</Th>
          <Th className="w-40">
            <span className="sr-only">{t("inUse")}</span>
          </Th>
          <Th className={numeric}>{t("state.held")}</Th>
        </>
      }
    >
      {limits?.map((limit) => (
        <tr key={`${limit.queue} ${limit.function} ${limit.name} ${limit.key}`}>
          <Td className="font-medium">
            <button
              type="button"
              className="hover:underline"
              onClick={() => go({ view: "jobs", function: limit.function, queue: limit.queue })}
            >
              {limit.function}
            </button>
            {limit.name !== limit.function && (
              <span className="ml-2 text-muted text-xs">{limit.name}</span>
            )}
          </Td>
          <Td>{limit.key ?? <span className="text-muted">{t("all")}</span>}</Td>
          <Td>
            <Allowed limit={limit} />
          </Td>
          <Td className={numeric}>{count(limit.running)}</Td>
          <Td>
            {limit.max_running !== null && (
              <Meter
                label={t("atOnceOf", { running: limit.running, limit: limit.max_running })}
                total={limit.max_running}
                parts={[{ value: limit.running, className: "bg-accent", label: "running" }]}
              />
            )}
          </Td>
          <Td className={`${numeric} ${limit.held > 0 ? "text-warn" : "text-muted"}`}>
            {count(limit.held)}
          </Td>
        </tr>
      ))}
    </Table>
  );
}
