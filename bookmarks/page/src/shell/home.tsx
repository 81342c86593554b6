import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { Empty, ErrorNote } from "barq-web/kit";
import { ListVideo } from "lucide-react";
import { useTranslation } from "react-i18next";
import { listsQuery } from "../api/queries.ts";

/** Leads to the first list. */
export function Home() {
  const { t } = useTranslation();
  const lists = useQuery(listsQuery);
  const first = lists.data?.[0];

  if (lists.error) {
    return (
      <div className="p-6">
        <ErrorNote error={lists.error} onRetry={() => lists.refetch()} />
      </div>
    );
  }
  if (first) {
    return <Navigate to="/lists/$listId" params={{ listId: first.id }} replace />;
  }
  return (
    lists.data && (
      <Empty icon={<ListVideo />} title={t("home:title")}>
        {t("home:text")}
      </Empty>
    )
  );
}
