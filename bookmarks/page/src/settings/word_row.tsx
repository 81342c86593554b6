import { Badge, Field, Select } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Settings } from "./options.ts";
import { usePutSettings } from "./use_settings.ts";

const words = {
  model_service: ["gemini", "openai"],
  openai_mode: ["structured", "json", "plain"],
} as const;

/** One of a few words; unset, the server chooses. */
export function WordRow({ name, settings }: { name: keyof typeof words; settings: Settings }) {
  const { t } = useTranslation();
  const put = usePutSettings();
  const { from, value } = settings[name];
  const known: readonly string[] = words[name];

  return (
    <Field label={t(`settings:option.${name}.label`)} hint={t(`settings:option.${name}.hint`)}>
      {({ id }) => (
        <div className="flex items-center gap-2">
          <Select
            id={id}
            value={value && known.includes(value) ? value : "auto"}
            disabled={from === "environment"}
            choices={["auto", ...known].map((word) => ({
              value: word,
              label: t(`settings:word.${name}.${word}`),
            }))}
            onChange={(word) => put.mutate({ [name]: word === "auto" ? null : word })}
          />
          {from === "environment" && <Badge tone="info">{t("settings:fromEnvironment")}</Badge>}
        </div>
      )}
    </Field>
  );
}
