import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../kit/index.ts";
import type { Span } from "./api.ts";
import { Charts } from "./charts.tsx";
import { useDashboard } from "./context.ts";
import { QueuesTable } from "./queues_table.tsx";
import { Tiles } from "./tiles.tsx";

function Weaknesses() {
  const { queue } = useDashboard();
  const check = useQuery(queue.check).data;

  return check?.weaknesses.map((sentence) => (
    <p
      key={sentence}
      className="flex gap-3 rounded-md bg-warn-soft px-3 py-2 text-warn [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0"
    >
      <TriangleAlert />
      {sentence}
    </p>
  ));
}

export function OverviewView() {
  const { t } = useTranslation("queue");
  const [span, setSpan] = useState<Span>("hour");

  return (
    <div className="flex flex-col gap-4">
      <Weaknesses />
      <Tiles />
      <QueuesTable />
      <div className="mt-2 flex items-center gap-1">
        <h2 className="mr-auto font-medium">{t("overTime")}</h2>
        {(["hour", "day"] as const).map((one) => (
          <Button
            key={one}
            size="sm"
            look={span === one ? "plain" : "quiet"}
            aria-pressed={span === one}
            onClick={() => setSpan(one)}
          >
            {t(`span.${one}`)}
          </Button>
        ))}
      </div>
      <Charts span={span} />
    </div>
  );
}
