import type { components } from "../api/schema.ts";

export type Settings = components["schemas"]["Settings"];
export type NewSettings = components["schemas"]["NewSettings"];
export type Name = keyof Settings;

export const secretNames = [
  "youtube_api_key",
  "gemini_api_key",
  "openai_api_key",
] as const satisfies Name[];
export type SecretName = (typeof secretNames)[number];
export type PlainName = Exclude<Name, SecretName>;

export type Service = "youtube" | "model" | "web" | "yt-dlp";

/** What stands in a field that is empty: what counts then, where there is one thing to say. */
export const placeholders: Partial<Record<PlainName, string>> = {
  youtube_daily_units: "10000",
  caption_languages: "en, de",
  openai_base_url: "http://localhost:11434/v1",
  openai_model: "qwen3:8b",
};

/** How each is typed in; the others are text. */
export const numbers: Partial<Record<PlainName, "numeric" | "decimal">> = {
  youtube_daily_units: "numeric",
  model_context_tokens: "numeric",
  model_output_tokens: "numeric",
  model_timeout_seconds: "numeric",
  watch_max_minutes: "numeric",
  model_price_in: "decimal",
  model_price_out: "decimal",
  daily_budget: "decimal",
};
