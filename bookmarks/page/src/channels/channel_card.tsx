import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ask, cn, IconButton, Menu, MenuItem, toast, useErrorText } from "barq-web/kit";
import { ExternalLink, Eye, EyeOff, MoreHorizontal, Rss } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Channel } from "../api/client.ts";

function useHiding(channel: Channel) {
  const queries = useQueryClient();
  const errorText = useErrorText();
  const show = (is_hidden: boolean) =>
    queries.setQueriesData<Channel[]>({ queryKey: ["channels", "all"] }, (old) =>
      old?.map((one) => (one.id === channel.id ? { ...one, is_hidden } : one)),
    );

  return useMutation({
    mutationFn: (is_hidden: boolean) =>
      ask(
        api.PATCH("/api/channels/{id}", {
          params: { path: { id: channel.id } },
          body: { is_hidden },
        }),
      ),
    onMutate: show,
    onError: (error) => {
      show(channel.is_hidden);
      toast.error(errorText(error));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["channels"] }),
  });
}

function Picture({ channel }: { channel: Channel }) {
  const [isBroken, setBroken] = useState(false);

  return channel.thumbnail_url && !isBroken ? (
    <img
      src={channel.thumbnail_url}
      alt=""
      loading="lazy"
      referrerPolicy="no-referrer"
      className="size-10 shrink-0 rounded-full bg-sunken object-cover"
      onError={() => setBroken(true)}
    />
  ) : (
    <span
      aria-hidden
      className="inline-flex size-10 shrink-0 items-center justify-center rounded-full bg-accent-soft font-semibold text-accent-ink"
    >
      {[...channel.name][0]?.toUpperCase()}
    </span>
  );
}

export function ChannelCard({
  channel,
  onSubscribe,
}: {
  channel: Channel;
  onSubscribe: () => void;
}) {
  const { t } = useTranslation();
  const hiding = useHiding(channel);
  const isReal = channel.id.startsWith("UC");
  const setHidden = (hidden: boolean) => {
    hiding.mutate(hidden);
    if (hidden) {
      toast(t("channels:hidden", { channel: channel.name }), {
        action: { label: t("kit:undo"), onClick: () => hiding.mutate(false) },
      });
    }
  };

  return (
    <li
      className={cn(
        "flex items-center gap-3 rounded-lg border bg-surface p-3",
        channel.is_hidden && "border-dashed bg-transparent",
      )}
    >
      <Picture channel={channel} />
      <div className="min-w-0 flex-1">
        <Link
          to="/videos"
          search={{ q: `channel:${channel.id}` }}
          className="block truncate font-medium underline-offset-2 hover:underline"
          title={channel.name}
        >
          {channel.name}
        </Link>
        <p className="text-[13px] text-muted">
          {t("channels:videos", { count: channel.video_count })}
          {channel.is_hidden && t("channels:isHidden")}
        </p>
      </div>
      <Menu
        trigger={
          <IconButton
            label={t("channels:moreFor", { channel: channel.name })}
            size="sm"
            look="faint"
          >
            <MoreHorizontal />
          </IconButton>
        }
      >
        {isReal && (
          <MenuItem onSelect={onSubscribe}>
            <Rss />
            {t("channels:subscribe")}
          </MenuItem>
        )}
        <MenuItem onSelect={() => setHidden(!channel.is_hidden)}>
          {channel.is_hidden ? <Eye /> : <EyeOff />}
          {t(channel.is_hidden ? "channels:show" : "channels:hide")}
        </MenuItem>
        {isReal && (
          <MenuItem asChild>
            <a
              href={`https://www.youtube.com/channel/${channel.id}`}
              target="_blank"
              rel="noreferrer"
            >
              <ExternalLink />
              {t("channels:open")}
            </a>
          </MenuItem>
        )}
      </Menu>
    </li>
  );
}
