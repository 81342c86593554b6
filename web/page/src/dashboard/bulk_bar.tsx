import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Dialog } from "../kit/index.ts";
import { actionsOf, useAction } from "./actions.ts";
import type { Action, Filter, JobSummary } from "./api.ts";
import { useDashboard } from "./context.ts";

const all: Action[] = ["retry", "abort", "delete"];

/** What can be done to those that are chosen, or, with nothing chosen, to all that the filter means. */
export function BulkBar({
  jobs,
  chosen,
  filter,
  onClear,
}: {
  jobs: JobSummary[];
  chosen: Set<string>;
  filter: Filter;
  onClear: () => void;
}) {
  const { t } = useTranslation("queue");
  const { canWrite } = useDashboard();
  const act = useAction();
  const [asked, setAsked] = useState<Action>();
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const whom = chosen.size > 0 ? jobs.filter((job) => chosen.has(job.id)) : jobs;
  const fitting = all.filter((action) =>
    whom.some((job) => actionsOf[job.status].includes(action)),
  );

  if (!canWrite || jobs.length === 0 || (chosen.size === 0 && !isFiltered)) {
    return null;
  }
  const run = (action: Action) => {
    act.mutate(
      { action, whom: chosen.size > 0 ? { ids: [...chosen] } : { filter } },
      { onSuccess: onClear },
    );
    setAsked(undefined);
  };
  /* A job that is gone, or that has been begun anew, does not come back: of many, one is asked. */
  const ask = (action: Action) => (chosen.size === 1 ? run(action) : setAsked(action));

  return (
    <div className="flex min-h-9 flex-wrap items-center gap-2">
      <span className="text-muted text-xs">
        {chosen.size > 0 ? t("chosen", { count: chosen.size }) : t("allMatching")}
      </span>
      {fitting.map((action) => (
        <Button
          key={action}
          size="sm"
          look={action === "delete" ? "danger" : "plain"}
          disabled={act.isPending}
          onClick={() => ask(action)}
        >
          {t(`action.${action}`)}
        </Button>
      ))}
      {chosen.size > 0 && (
        <Button size="sm" look="quiet" onClick={onClear}>
          {t("clear")}
        </Button>
      )}
      <Dialog
        open={asked !== undefined}
        onOpenChange={() => setAsked(undefined)}
        title={asked ? t(`sure.${asked}`) : ""}
        description={chosen.size > 0 ? t("chosen", { count: chosen.size }) : t("allMatching")}
        actions={
          asked && (
            <>
              <Button onClick={() => setAsked(undefined)}>{t("kit:cancel")}</Button>
              <Button look={asked === "delete" ? "danger" : "primary"} onClick={() => run(asked)}>
                {t(`action.${asked}`)}
              </Button>
            </>
          )
        }
      >
        {asked && t(`consequence.${asked}`)}
      </Dialog>
    </div>
  );
}
