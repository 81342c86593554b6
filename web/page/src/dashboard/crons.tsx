import { useQuery } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Ago, Badge, Empty } from "../kit/index.ts";
import { useDashboard } from "./context.ts";
import { Table, Td, Th } from "./table.tsx";

export function CronsView() {
  const { t, i18n } = useTranslation("queue");
  const { queue, go } = useDashboard();
  const crons = useQuery(queue.crons).data?.crons;

  if (crons?.length === 0) {
    return (
      <Empty icon={<CalendarClock />} title={t("noCrons")}>
        {t("noCronsText")}
      </Empty>
    );
  }
  return (
    <Table
      label={t("views.crons")}
      head={
        <>
          <Th>{t("name")}</Th>
          <Th>{t("function")}</Th>
          <Th>{t("schedule")}</Th>
          <Th>{t("lastRun")}</Th>
          <Th>{t("nextRuns")}</Th>
        </>
      }
    >
      {crons?.map((cron) => (
        <tr key={`${cron.queue} ${cron.name}`}>
          <Td className="font-medium">{cron.name}</Td>
          <Td>
            <button
              type="button"
              className="hover:underline"
              onClick={() => go({ view: "jobs", function: cron.function })}
            >
              {cron.function}
            </button>
          </Td>
          <Td className="whitespace-nowrap">
            <code className="font-mono text-xs">{cron.schedule}</code>{" "}
            <span className="text-muted text-xs">{cron.time_zone}</span>
          </Td>
          <Td className="whitespace-nowrap text-muted">
            {cron.last_at_ms === null ? "–" : <Ago at={cron.last_at_ms} />}
          </Td>
          <Td>
            <div className="flex items-center gap-2">
              {cron.is_overdue && <Badge tone="bad">{t("overdue")}</Badge>}
              {cron.next_at_ms !== null && !cron.is_overdue && <Ago at={cron.next_at_ms} />}
              <span className="hidden text-muted text-xs lg:inline">
                {cron.next_runs_at_ms
                  .slice(0, 3)
                  .map((at) =>
                    new Date(at).toLocaleString(i18n.language, {
                      dateStyle: "short",
                      timeStyle: "short",
                    }),
                  )
                  .join(" · ")}
              </span>
            </div>
          </Td>
        </tr>
      ))}
    </Table>
  );
}
