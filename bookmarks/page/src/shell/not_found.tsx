import { Link } from "@tanstack/react-router";
import { Button, Empty } from "barq-web/kit";
import { useTranslation } from "react-i18next";

export function NotFound() {
  const { t } = useTranslation();

  return (
    <>
      <h1 className="sr-only">{t("nav:name")}</h1>
      <Empty
        title={t("nav:notFound")}
        actions={
          <Button asChild>
            <Link to="/">{t("nav:toStart")}</Link>
          </Button>
        }
      />
    </>
  );
}
