import { useQuery } from "@tanstack/react-query";
import { Navigate, useSearch } from "@tanstack/react-router";
import { ErrorNote } from "barq-web/kit";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { listsQuery } from "../api/queries.ts";

const AddBox = lazy(() =>
  import("../intake/add_box.tsx").then((module) => ({ default: module.AddBox })),
);
const AddShared = lazy(() =>
  import("../intake/add_shared.tsx").then((module) => ({ default: module.AddShared })),
);
const FirstSteps = lazy(() =>
  import("../intake/first_steps.tsx").then((module) => ({ default: module.FirstSteps })),
);

/** The first visit: nothing is there, and everything can be dropped here. */
function FirstRun() {
  const { t } = useTranslation();

  return (
    <Suspense>
      <div className="mx-auto flex w-full max-w-2xl flex-col gap-6 p-4 pt-[8vh] sm:p-6 sm:pt-[10vh]">
        <header className="text-center">
          <h1 className="font-semibold text-2xl">{t("home:title")}</h1>
          <p className="mt-1 text-muted">{t("home:text")}</p>
        </header>
        <AddBox listId={null} />
        <FirstSteps listId={null} />
      </div>
    </Suspense>
  );
}

/** Leads to the first list; takes what a bookmarklet sends; at first says how to begin. */
export function Home() {
  const lists = useQuery(listsQuery);
  const { add } = useSearch({ from: "/" });
  const first = lists.data?.[0];

  if (lists.error) {
    return (
      <div className="p-6">
        <ErrorNote error={lists.error} onRetry={() => lists.refetch()} />
      </div>
    );
  }
  if (lists.data && add) {
    return (
      <Suspense>
        <AddShared text={add} />
      </Suspense>
    );
  }
  if (first) {
    return <Navigate to="/lists/$listId" params={{ listId: first.id }} replace />;
  }
  return lists.data && <FirstRun />;
}
