import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, cn } from "barq-web/kit";
import { Circle, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { fieldsQuery, listsQuery, setupQuery } from "../api/queries.ts";
import { SampleButton } from "./sample_button.tsx";

function Step({
  isDone,
  title,
  text,
  action,
}: {
  isDone: boolean;
  title: string;
  text: string;
  action?: ReactNode;
}) {
  const { t } = useTranslation();

  return (
    <li className="flex items-start gap-3 px-4 py-3.5 [&>svg]:mt-0.5 [&>svg]:size-5 [&>svg]:shrink-0">
      {isDone ? (
        <CircleCheck aria-label={t("first:done")} className="text-ok" />
      ) : (
        <Circle aria-label={t("first:open")} className="text-line-strong" />
      )}
      <div className="min-w-0 flex-1">
        <h3 className={cn("font-medium", isDone && "text-muted")}>{title}</h3>
        <p className="text-[13px] text-muted">{text}</p>
      </div>
      {action}
    </li>
  );
}

/** What is to be done at first; each ticks itself. `listId` null: there is no list yet. */
export function FirstSteps({ listId }: { listId: string | null }) {
  const { t } = useTranslation();
  const lists = useQuery(listsQuery).data ?? [];
  const list = lists.find(({ id }) => id === listId);
  const setup = useQuery(setupQuery).data;
  const fields = useQuery({ ...fieldsQuery(listId ?? ""), enabled: listId !== null }).data ?? [];
  const hasModel = setup ? setup.gemini_api_configured || setup.openai_configured : false;
  const hasKey = setup?.youtube_api_configured ?? false;
  const toSettings = (
    <Button size="sm" className="max-sm:h-9" asChild>
      <Link to="/settings">{t("nav:settings")}</Link>
    </Button>
  );

  return (
    <section
      aria-labelledby="first-title"
      className="mx-auto w-full max-w-2xl rounded-xl border bg-surface text-left"
    >
      <header className="border-b px-4 py-3.5">
        <h2 id="first-title" className="font-semibold text-base">
          {t("first:title")}
        </h2>
        <p className="text-[13px] text-muted">{t("first:about")}</p>
      </header>
      <ol className="divide-y">
        <Step isDone={lists.length > 0} title={t("first:list")} text={t("first:listText")} />
        <Step
          isDone={(list?.video_count ?? 0) > 0}
          title={t("first:videos")}
          text={t("first:videosText")}
          action={lists.length === 0 ? <SampleButton /> : undefined}
        />
        <Step
          isDone={fields.length > 0}
          title={t("first:fields")}
          text={t("first:fieldsText")}
          action={
            listId !== null && (
              <Button size="sm" className="max-sm:h-9" asChild>
                <Link to="/lists/$listId/fields" params={{ listId }}>
                  {t("nav:fields")}
                </Link>
              </Button>
            )
          }
        />
        <Step
          isDone={hasKey}
          title={t("first:youtube")}
          text={t("first:youtubeText")}
          action={!hasKey && toSettings}
        />
        <Step
          isDone={hasModel}
          title={t("first:model")}
          text={t("first:modelText")}
          action={!hasModel && toSettings}
        />
      </ol>
    </section>
  );
}
