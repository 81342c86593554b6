import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ago, ask, Badge, doUnlessUndone, IconButton, toast, useErrorText } from "barq-web/kit";
import { ListVideo, RefreshCw, Search, Trash2, TriangleAlert, Tv } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, type Subscription } from "../api/client.ts";

const icons = { channel: Tv, playlist: ListVideo, keyword: Search };

function addressOf({ kind, target }: Subscription) {
  const words = encodeURIComponent(target);

  return {
    channel: `https://www.youtube.com/channel/${words}`,
    playlist: `https://www.youtube.com/playlist?list=${words}`,
    keyword: `https://www.youtube.com/results?search_query=${words}`,
  }[kind];
}

function useEdits(subscription: Subscription) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const key = ["subscriptions"];
  const path = { id: subscription.id };
  const settle = () => queries.invalidateQueries({ queryKey: key });
  const refused = (error: unknown) => {
    toast.error(errorText(error));
    void settle();
  };
  const sync = useMutation({
    mutationFn: () => ask(api.POST("/api/subscriptions/{id}/sync", { params: { path } })),
    onSuccess: (now) => {
      queries.setQueryData<Subscription[]>(key, (old) =>
        old?.map((one) => (one.id === now.id ? now : one)),
      );
      toast.success(t("subscriptions:syncing", { name: subscription.name }));
    },
    onError: refused,
  });
  const remove = () => {
    const before = queries.getQueryData<Subscription[]>(key);
    queries.setQueryData<Subscription[]>(key, (old) =>
      old?.filter((one) => one.id !== subscription.id),
    );
    doUnlessUndone(t("subscriptions:deleted", { name: subscription.name }), {
      commit: () => {
        ask(api.DELETE("/api/subscriptions/{id}", { params: { path }, keepalive: true })).then(
          settle,
          refused,
        );
      },
      undo: () => queries.setQueryData(key, before),
    });
  };

  return { sync, remove };
}

function Polls({ subscription }: { subscription: Subscription }) {
  const { t } = useTranslation();
  const { last_polled_at: last, next_poll_at: next } = subscription;
  const isDue = next !== null && Date.parse(next) <= Date.now();

  return (
    <p className="flex flex-wrap gap-x-3 text-[13px] text-muted">
      <span>{t(`subscriptions:kinds.${subscription.kind}`)}</span>
      <span>{t("subscriptions:found", { count: subscription.match_count })}</span>
      <span>
        {t("subscriptions:last")} {last ? <Ago at={last} /> : t("subscriptions:never")}
      </span>
      {next && (
        <span>
          {isDue ? (
            t("subscriptions:soon")
          ) : (
            <>
              {t("subscriptions:next")} <Ago at={next} />
            </>
          )}
        </span>
      )}
    </p>
  );
}

export function SubscriptionRow({ subscription }: { subscription: Subscription }) {
  const { t } = useTranslation();
  const { sync, remove } = useEdits(subscription);
  const Icon = icons[subscription.kind];

  return (
    <li className="flex items-start gap-3 px-3 py-2.5">
      <Icon className="mt-1 size-4 shrink-0 text-muted" aria-hidden />
      <div className="min-w-0 flex-1">
        <a
          href={addressOf(subscription)}
          target="_blank"
          rel="noreferrer"
          className="break-words font-medium underline-offset-2 hover:underline"
        >
          {subscription.name || subscription.target}
        </a>
        <Polls subscription={subscription} />
        {subscription.error_message && (
          <Badge tone="bad" wraps className="mt-1">
            <TriangleAlert aria-hidden />
            {subscription.error_message}
          </Badge>
        )}
      </div>
      <IconButton
        label={t("subscriptions:sync", { name: subscription.name })}
        size="sm"
        disabled={sync.isPending}
        onClick={() => sync.mutate()}
      >
        <RefreshCw />
      </IconButton>
      <IconButton
        label={t("subscriptions:delete", { name: subscription.name })}
        size="sm"
        onClick={remove}
      >
        <Trash2 />
      </IconButton>
    </li>
  );
}
