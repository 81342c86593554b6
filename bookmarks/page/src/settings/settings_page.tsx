import { useQuery } from "@tanstack/react-query";
import { ErrorNote } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { AboutCard } from "./about_card.tsx";
import { AppearanceCard } from "./appearance_card.tsx";
import { BookmarkletCard } from "./bookmarklet_card.tsx";
import { LoginCard } from "./login_card.tsx";
import { LimitsCard, ModelCard, YoutubeCard } from "./services_cards.tsx";
import { TokensCard } from "./tokens_card.tsx";
import { UsageCard } from "./usage_card.tsx";
import { settingsQuery } from "./use_settings.ts";

const parts = [
  "youtube",
  "model",
  "limits",
  "usage",
  "appearance",
  "bookmarklet",
  "tokens",
  "login",
  "about",
] as const;

export function SettingsPage() {
  const { t } = useTranslation();
  const settings = useQuery(settingsQuery);

  return (
    <div className="mx-auto flex w-full max-w-5xl gap-8 p-4 sm:p-6">
      <nav
        aria-label={t("settings:parts")}
        className="sticky top-6 hidden w-40 shrink-0 self-start xl:block"
      >
        <ul className="flex flex-col gap-0.5 text-[13px]">
          {parts.map((part) => (
            <li key={part}>
              <button
                type="button"
                className="w-full rounded-md px-2 py-1.5 text-left text-muted hover:bg-sunken hover:text-ink"
                onClick={() => document.getElementById(part)?.scrollIntoView({ block: "start" })}
              >
                {t(`settings:${part}`)}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div className="flex min-w-0 flex-1 flex-col gap-5">
        <h1 className="font-semibold text-xl">{t("nav:settings")}</h1>
        {settings.error && (
          <ErrorNote error={settings.error} onRetry={() => void settings.refetch()} />
        )}
        {settings.data && (
          <>
            <YoutubeCard settings={settings.data} />
            <ModelCard settings={settings.data} />
            <LimitsCard settings={settings.data} />
          </>
        )}
        {/* Not before those above them: what somebody presses must not move away. */}
        {!settings.isPending && (
          <>
            <UsageCard />
            <AppearanceCard />
            <BookmarkletCard />
            <TokensCard />
            <LoginCard />
            <AboutCard />
          </>
        )}
      </div>
    </div>
  );
}
