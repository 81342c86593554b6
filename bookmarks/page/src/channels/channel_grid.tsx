import { Button } from "barq-web/kit";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Channel } from "../api/client.ts";
import { ChannelCard } from "./channel_card.tsx";

/* So many at first: thousands of cards at once make a page slow, and nobody reads them. */
const PAGE = 120;

export function ChannelGrid({
  channels,
  onSubscribe,
}: {
  channels: Channel[];
  onSubscribe: (channel: Channel) => void;
}) {
  const { t } = useTranslation();
  const [count, setCount] = useState(PAGE);

  return (
    <>
      <ul className="grid gap-2 sm:grid-cols-2 lg:grid-cols-3">
        {channels.slice(0, count).map((channel) => (
          <ChannelCard
            key={channel.id}
            channel={channel}
            onSubscribe={() => onSubscribe(channel)}
          />
        ))}
      </ul>
      {channels.length > count && (
        <Button className="mt-4 w-full" onClick={() => setCount(count + PAGE)}>
          {t("channels:more", { count: channels.length - count })}
        </Button>
      )}
    </>
  );
}
