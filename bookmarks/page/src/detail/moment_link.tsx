import { clockTime, cn } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { usePlayback } from "./player/playback.ts";

/** A time in the video: pressed, the player goes there. */
export function MomentLink({
  seconds,
  className = "px-1",
}: {
  seconds: number;
  className?: string;
}) {
  const { t } = useTranslation();
  const playback = usePlayback();
  const time = clockTime(seconds);

  return (
    <button
      type="button"
      aria-label={t("detail:player.jump", { time })}
      className={cn(
        "rounded font-medium text-accent-ink tabular-nums underline-offset-2 hover:bg-accent-soft hover:underline",
        className,
      )}
      onClick={() => playback.jump(seconds)}
    >
      {time}
    </button>
  );
}
