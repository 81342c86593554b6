import { useQuery } from "@tanstack/react-query";
import { Button } from "barq-web/kit";
import { BookOpen, CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { setupQuery } from "../api/queries.ts";
import { Card } from "./card.tsx";

export function AboutCard() {
  const { t } = useTranslation();
  const setup = useQuery(setupQuery).data;
  const parts = setup && [
    { name: "database", works: setup.database_connected },
    { name: "queue", works: setup.redis_connected },
  ];

  return (
    <Card id="about" title={t("settings:about")}>
      <p>{t("settings:backup")}</p>
      <pre className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-[13px]">
        bookmarks backup
      </pre>
      {parts && (
        <ul className="flex flex-wrap gap-x-6 gap-y-1 text-[13px]">
          {parts.map(({ name, works }) => (
            <li key={name} className="flex items-center gap-1.5 [&_svg]:size-4">
              {works ? (
                <CircleCheck aria-hidden className="text-ok" />
              ) : (
                <TriangleAlert aria-hidden className="text-bad" />
              )}
              {t(`settings:${name}${works ? "There" : "Away"}`)}
            </li>
          ))}
        </ul>
      )}
      <Button asChild className="self-start">
        <a href="docs">
          <BookOpen />
          {t("settings:docs")}
        </a>
      </Button>
    </Card>
  );
}
