import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ask, Button, Empty, ErrorNote } from "barq-web/kit";
import { ListVideo, Plus, Rss } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Subscription } from "../api/client.ts";
import { listsQuery } from "../api/queries.ts";
import { AddDialog } from "./add_dialog.tsx";
import { SubscriptionRow } from "./subscription_row.tsx";
import { usePolled } from "./use_polled.ts";

const subscriptionsQuery = {
  queryKey: ["subscriptions"],
  queryFn: ({ signal }: { signal: AbortSignal }) => ask(api.GET("/api/subscriptions", { signal })),
};

function OfList({
  id,
  name,
  subscriptions,
}: {
  id: string;
  name: string;
  subscriptions: Subscription[];
}) {
  return (
    <section aria-label={name} className="mt-6">
      <h2 className="mb-2 font-medium">
        <Link
          to="/lists/$listId"
          params={{ listId: id }}
          className="inline-flex items-center gap-2 underline-offset-2 hover:underline"
        >
          <ListVideo className="size-4 text-muted" aria-hidden />
          {name}
        </Link>
      </h2>
      <ul className="divide-y rounded-lg border bg-surface">
        {subscriptions.map((one) => (
          <SubscriptionRow key={one.id} subscription={one} />
        ))}
      </ul>
    </section>
  );
}

export function SubscriptionsPage() {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const lists = useQuery(listsQuery);
  const subscriptions = useQuery(subscriptionsQuery);
  const all = subscriptions.data ?? [];
  const withSome = lists.data?.filter((list) => all.some((one) => one.list_id === list.id)) ?? [];
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      <Plus />
      {t("subscriptions:add")}
    </Button>
  );

  usePolled();
  return (
    <div className="mx-auto max-w-5xl p-4 sm:p-6">
      <div className="flex items-center justify-between gap-4">
        <h1 className="font-semibold text-xl">{t("nav:subscriptions")}</h1>
        {all.length > 0 && add}
      </div>
      {subscriptions.error && (
        <ErrorNote error={subscriptions.error} onRetry={() => subscriptions.refetch()} />
      )}
      {subscriptions.data?.length === 0 && (
        <Empty icon={<Rss />} title={t("subscriptions:none")} actions={add}>
          {t("subscriptions:noneText")}
        </Empty>
      )}
      {withSome.map((list) => (
        <OfList
          key={list.id}
          id={list.id}
          name={list.name}
          subscriptions={all.filter((one) => one.list_id === list.id)}
        />
      ))}
      {isAdding && <AddDialog onClose={() => setAdding(false)} />}
    </div>
  );
}
