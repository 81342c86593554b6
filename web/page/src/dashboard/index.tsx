import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { parse } from "valibot";
import { addTexts, Badge, ErrorNote, Tabs } from "../kit/index.ts";
import { makeQueue } from "./api.ts";
import { DashboardContext } from "./context.ts";
import { CronsView } from "./crons.tsx";
import { FunctionsView } from "./functions.tsx";
import { JobSheet } from "./job_sheet.tsx";
import { JobsView } from "./jobs.tsx";
import { LimitsView } from "./limits.tsx";
import { OverviewView } from "./overview.tsx";
import { type Search, searchSchema, type ViewName, views } from "./search.ts";
import de from "./texts/de.json";
import en from "./texts/en.json";
import { WorkersView } from "./workers.tsx";

addTexts("queue", { en, de });

const contents: Record<ViewName, () => React.ReactNode> = {
  overview: () => <OverviewView />,
  jobs: () => <JobsView />,
  functions: () => <FunctionsView />,
  workers: () => <WorkersView />,
  crons: () => <CronsView />,
  limits: () => <LimitsView />,
};

/**
 * A queue made visible: what waits, runs and has failed, who runs it, and what may be done about it.
 * `below` is where its calls are; what is looked at is `search`, which belongs in the page's address: `onSearch`
 * is told how it changes from what it is by then.
 */
export function Dashboard({
  below,
  search: given,
  onSearch,
}: {
  below: string;
  search: Record<string, unknown>;
  onSearch: (change: (before: Search) => Search) => void;
}) {
  const { t } = useTranslation("queue");
  const queue = useMemo(() => makeQueue(below), [below]);
  const search = parse(searchSchema, given);
  const overview = useQuery(queue.overview);
  const view = search.view ?? "overview";
  const go = (change: Partial<Search>) => onSearch((before) => ({ ...before, ...change }));
  const canWrite = overview.data?.can_write ?? false;

  return (
    <DashboardContext.Provider value={{ queue, search, go, canWrite }}>
      <div className="mx-auto flex max-w-7xl flex-col gap-4 p-4 sm:p-6">
        <div className="flex flex-wrap items-center gap-2">
          <h1 className="font-semibold text-lg">{t("title")}</h1>
          {overview.data && <Badge>{t(`broker.${overview.data.broker}`)}</Badge>}
          {overview.data?.read_only && <Badge tone="warn">{t("readOnly")}</Badge>}
        </div>
        {overview.error && <ErrorNote error={overview.error} onRetry={() => overview.refetch()} />}
        <Tabs
          label={t("title")}
          value={view}
          onChange={(value) => onSearch(() => ({ view: value as ViewName }))}
          tabs={views.map((name) => ({
            value: name,
            label: t(`views.${name}`),
            content: <div className="pt-4">{contents[name]()}</div>,
          }))}
        />
      </div>
      {search.job !== undefined && (
        <JobSheet key={search.job} id={search.job} onClose={() => go({ job: undefined })} />
      )}
    </DashboardContext.Provider>
  );
}
