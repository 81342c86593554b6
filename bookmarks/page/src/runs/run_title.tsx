import { useQuery } from "@tanstack/react-query";
import { Badge } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Run } from "../api/client.ts";
import { listsQuery } from "../api/queries.ts";

/** Of which list, or what is left of it. */
export function useListName() {
  const { t } = useTranslation();
  const lists = useQuery(listsQuery);

  return (id: string) =>
    lists.data ? (lists.data.find((list) => list.id === id)?.name ?? t("runs:listGone")) : "…";
}

/** What is special about a run. */
export function RunKind({ run }: { run: Run }) {
  const { t } = useTranslation();

  return (
    <>
      {run.dry_run && <Badge tone="info">{t("runs:trial")}</Badge>}
      {run.watch && <Badge tone="info">{t("runs:watch")}</Badge>}
      {run.field && <Badge>{t("runs:onlyField", { field: run.field })}</Badge>}
    </>
  );
}
