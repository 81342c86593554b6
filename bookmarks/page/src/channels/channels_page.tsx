import { useQuery } from "@tanstack/react-query";
import { ask, Empty, ErrorNote, Input, Switch } from "barq-web/kit";
import { Tv } from "lucide-react";
import { useDeferredValue, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Channel } from "../api/client.ts";
import { AddDialog } from "../subscriptions/add_dialog.tsx";
import { ChannelGrid } from "./channel_grid.tsx";

/* Below ["channels"], which events make old. */
function useChannels(hidden: boolean) {
  return useQuery({
    queryKey: ["channels", "all", hidden],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/channels", { params: { query: { hidden } }, signal })),
  });
}

function Hidden({ checked, onChange }: { checked: boolean; onChange: (on: boolean) => void }) {
  const { t } = useTranslation();
  const id = useId();

  return (
    <span className="flex items-center gap-2">
      <Switch id={id} checked={checked} onCheckedChange={onChange} />
      <label htmlFor={id}>{t("channels:showHidden")}</label>
    </span>
  );
}

export function ChannelsPage() {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [hidden, setHidden] = useState(false);
  const [subscribing, setSubscribing] = useState<Channel>();
  const wanted = useDeferredValue(words).trim().toLowerCase();
  const channels = useChannels(hidden);
  const found = channels.data?.filter((one) => one.name.toLowerCase().includes(wanted)) ?? [];

  return (
    <div className="mx-auto max-w-5xl p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{t("nav:channels")}</h1>
      <div className="mt-4 mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <Input
          type="search"
          aria-label={t("channels:search")}
          placeholder={t("channels:search")}
          className="max-w-sm"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <Hidden checked={hidden} onChange={setHidden} />
      </div>
      {channels.error && <ErrorNote error={channels.error} onRetry={() => channels.refetch()} />}
      {channels.data?.length === 0 && (
        <Empty icon={<Tv />} title={t("channels:none")}>
          {t("channels:noneText")}
        </Empty>
      )}
      {channels.data && channels.data.length > 0 && found.length === 0 && (
        <p className="text-muted">{t("channels:notFound")}</p>
      )}
      {found.length > 0 && <ChannelGrid channels={found} onSubscribe={setSubscribing} />}
      {subscribing && (
        <AddDialog
          kind="channel"
          target={subscribing.id}
          name={subscribing.name}
          onClose={() => setSubscribing(undefined)}
        />
      )}
    </div>
  );
}
