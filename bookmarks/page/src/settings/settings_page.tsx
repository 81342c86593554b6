import { useTranslation } from "react-i18next";

export function SettingsPage() {
  const { t } = useTranslation();

  return <h1 className="p-6 font-semibold text-lg">{t("nav:settings")}</h1>;
}
