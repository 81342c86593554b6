import { useTranslation } from "react-i18next";

export function VideosPage() {
  const { t } = useTranslation();

  return <h1 className="p-6 font-semibold text-lg">{t("nav:videos")}</h1>;
}
