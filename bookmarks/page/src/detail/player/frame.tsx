import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePlayback } from "./playback.ts";
import { converse, embedAddress, type Trouble } from "./youtube.ts";

/** The player itself, which loads as soon as this is there. */
export function PlayerFrame({
  youtubeId,
  onTrouble,
}: {
  youtubeId: string;
  onTrouble: (trouble: Trouble) => void;
}) {
  const { t } = useTranslation();
  const playback = usePlayback();
  const frame = useRef<HTMLIFrameElement>(null);
  const tell = useRef(onTrouble);
  const [address] = useState(() => embedAddress(youtubeId, playback.get().seconds));
  tell.current = onTrouble;

  useEffect(() => {
    if (!frame.current) {
      return;
    }
    const player = converse(frame.current, (told) => {
      if (told.trouble) {
        tell.current(told.trouble);
        return;
      }
      playback.set({
        seconds: told.seconds ?? playback.get().seconds,
        isPlaying: told.isPlaying ?? playback.get().isPlaying,
      });
    });
    let wish = playback.get().wish; /* the address has the first one */
    const stop = playback.subscribe(() => {
      const next = playback.get().wish;
      if (next && next !== wish) {
        wish = next;
        player.seek(next.seconds);
      }
    });
    return () => {
      stop();
      player.close();
      playback.set({ isPlaying: false });
    };
  }, [playback]);

  return (
    <iframe
      ref={frame}
      src={address}
      title={t("detail:player.title")}
      className="size-full"
      allow="autoplay; encrypted-media; fullscreen; picture-in-picture"
      allowFullScreen
      /* Without a referrer it plays nothing (its error 153). */
      referrerPolicy="strict-origin-when-cross-origin"
    />
  );
}
