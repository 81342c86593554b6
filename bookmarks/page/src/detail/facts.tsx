import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../api/client.ts";

function ChannelLink({ video }: { video: WholeVideo }) {
  return (
    <Link
      to="/videos"
      search={{ q: `channel:${video.channel_id ?? JSON.stringify(video.channel)}` }}
      className="text-ink underline decoration-line-strong underline-offset-2 hover:decoration-current"
    >
      {video.channel}
    </Link>
  );
}

/** Whose it is, since when, how often it was seen: one line below the title. */
export function Facts({ video }: { video: WholeVideo }) {
  const { t, i18n } = useTranslation();
  const facts: [string, ReactNode][] = [];

  if (video.channel) {
    facts.push(["channel", <ChannelLink key="channel" video={video} />]);
  }
  if (video.published) {
    const at = new Date(video.published);
    facts.push([
      "published",
      <time key="published" dateTime={video.published}>
        {at.toLocaleDateString(i18n.language, { dateStyle: "medium" })}
      </time>,
    ]);
  }
  if (video.view_count != null) {
    facts.push(["views", t("detail:views", { count: video.view_count })]);
  }
  if (video.live && video.live !== "none") {
    facts.push(["live", t("detail:live")]);
  }

  return (
    facts.length > 0 && (
      <p className="mt-1 text-[13px] text-muted">
        {facts.map(([name, fact], index) => (
          <Fragment key={name}>
            {index > 0 && <span aria-hidden>{" · "}</span>}
            {fact}
          </Fragment>
        ))}
      </p>
    )
  );
}
