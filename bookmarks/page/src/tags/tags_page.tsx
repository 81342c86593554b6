import { useTranslation } from "react-i18next";

export function TagsPage() {
  const { t } = useTranslation();

  return <h1 className="p-6 font-semibold text-lg">{t("nav:tags")}</h1>;
}
