import { useTranslation } from "react-i18next";

export function QueuePage() {
  const { t } = useTranslation();

  return <h1 className="p-6 font-semibold text-lg">{t("nav:queue")}</h1>;
}
