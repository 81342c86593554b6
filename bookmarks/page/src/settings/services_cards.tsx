import { useTranslation } from "react-i18next";
import { Card } from "./card.tsx";
import type { Settings } from "./options.ts";
import { KeyRow, SettingRow } from "./setting_row.tsx";
import { TestButton } from "./test_button.tsx";
import { WordRow } from "./word_row.tsx";

export function YoutubeCard({ settings }: { settings: Settings }) {
  const { t } = useTranslation();

  return (
    <Card id="youtube" title={t("settings:youtube")} about={t("settings:youtubeAbout")}>
      <KeyRow name="youtube_api_key" settings={settings} />
      <TestButton service="youtube" />
      <SettingRow name="youtube_daily_units" settings={settings} />
      <SettingRow name="caption_languages" settings={settings} />
      <div className="flex flex-col gap-2 border-t pt-4">
        <p className="text-[13px] text-muted">{t("settings:keyless")}</p>
        <TestButton service="web" />
        <TestButton service="yt-dlp" />
      </div>
    </Card>
  );
}

export function ModelCard({ settings }: { settings: Settings }) {
  const { t } = useTranslation();

  return (
    <Card id="model" title={t("settings:model")} about={t("settings:modelAbout")}>
      <WordRow name="model_service" settings={settings} />
      <div className="grid gap-5 sm:grid-cols-2">
        <div className="flex flex-col gap-4 rounded-lg border p-4">
          <h3 className="font-medium">Gemini</h3>
          <KeyRow name="gemini_api_key" settings={settings} />
          <SettingRow name="gemini_model" settings={settings} />
          <SettingRow name="watch_max_minutes" settings={settings} />
        </div>
        <div className="flex flex-col gap-4 rounded-lg border p-4">
          <h3 className="font-medium">{t("settings:openai")}</h3>
          <SettingRow name="openai_base_url" settings={settings} />
          <SettingRow name="openai_model" settings={settings} />
          <KeyRow name="openai_api_key" settings={settings} />
          <WordRow name="openai_mode" settings={settings} />
        </div>
      </div>
      <TestButton service="model" />
    </Card>
  );
}

export function LimitsCard({ settings }: { settings: Settings }) {
  const { t } = useTranslation();

  return (
    <Card id="limits" title={t("settings:limits")} about={t("settings:limitsAbout")}>
      <SettingRow name="daily_budget" settings={settings} />
      <div className="grid gap-5 sm:grid-cols-2">
        <SettingRow name="model_price_in" settings={settings} />
        <SettingRow name="model_price_out" settings={settings} />
        <SettingRow name="model_context_tokens" settings={settings} />
        <SettingRow name="model_output_tokens" settings={settings} />
        <SettingRow name="model_timeout_seconds" settings={settings} />
      </div>
    </Card>
  );
}
