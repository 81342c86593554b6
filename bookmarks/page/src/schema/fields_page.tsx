import { useTranslation } from "react-i18next";

export function FieldsPage() {
  const { t } = useTranslation();

  return <h1 className="p-6 font-semibold text-lg">{t("nav:fields")}</h1>;
}
