import { useTranslation } from "react-i18next";
import {
  numbers,
  type PlainName,
  placeholders,
  type SecretName,
  type Settings,
} from "./options.ts";
import { SettingForm } from "./setting_form.tsx";

/** A key is written and never read: of one that is there, its end is shown. */
export function KeyRow({ name, settings }: { name: SecretName; settings: Settings }) {
  const { t } = useTranslation();
  const { set, from, last4 } = settings[name];
  const shown = last4 ? t("settings:keySet", { last4 }) : t("settings:keySetHidden");

  return (
    <SettingForm
      name={name}
      stored=""
      from={from}
      isSet={set}
      type="password"
      autoComplete="new-password"
      placeholder={set ? shown : t("settings:keyNone")}
    />
  );
}

export function SettingRow({ name, settings }: { name: PlainName; settings: Settings }) {
  const { set, from, value } = settings[name];

  return (
    <SettingForm
      name={name}
      stored={value ?? ""}
      from={from}
      isSet={set}
      inputMode={numbers[name] ?? "text"}
      placeholder={placeholders[name]}
    />
  );
}
