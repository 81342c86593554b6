import {
  Field,
  type Language,
  languageOf,
  languages,
  Select,
  setLanguage,
  type Theme,
  useTheme,
} from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { Card } from "./card.tsx";

const themes: Theme[] = ["system", "light", "dark"];

export function AppearanceCard() {
  const { t, i18n } = useTranslation();
  const { theme, setTheme } = useTheme();

  return (
    <Card id="appearance" title={t("settings:appearance")}>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t("settings:theme")}>
          {({ id }) => (
            <Select
              id={id}
              value={theme}
              choices={themes.map((value) => ({ value, label: t(`settings:themes.${value}`) }))}
              onChange={(value) => setTheme(value as Theme)}
            />
          )}
        </Field>
        <Field label={t("settings:language")}>
          {({ id }) => (
            <Select
              id={id}
              value={languageOf(i18n.language)}
              choices={Object.entries(languages).map(([value, label]) => ({ value, label }))}
              onChange={(value) => void setLanguage(value as Language)}
            />
          )}
        </Field>
      </div>
    </Card>
  );
}
