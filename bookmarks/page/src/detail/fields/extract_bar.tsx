import { Link } from "@tanstack/react-router";
import { Button } from "barq-web/kit";
import { FlaskConical, LoaderCircle, RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../../api/client.ts";
import type { Extract } from "./use_extract.ts";

export function ExtractBar({ extract, video }: { extract: Extract; video: WholeVideo }) {
  const { t } = useTranslation();
  const { doing } = extract;
  const field = video.available_fields.find((one) => one.name === doing?.field);

  return (
    <div className="flex min-h-11 flex-wrap items-center gap-1 border-b px-2 py-1">
      {doing ? (
        <p role="status" className="flex items-center gap-2 px-2 text-[13px] text-muted">
          <LoaderCircle className="size-4 animate-spin" aria-hidden />
          {t(doing.isDry ? "detail:fields.trying" : "detail:fields.extracting", {
            context: field ? "one" : undefined,
            field: field?.label,
          })}
          <Link
            to="/runs/$runId"
            params={{ runId: doing.runId }}
            className="text-accent-ink underline-offset-2 hover:underline"
          >
            {t("detail:fields.toRun")}
          </Link>
        </p>
      ) : (
        <>
          <Button
            size="sm"
            look="quiet"
            disabled={extract.isBusy}
            onClick={() => extract.start({ isDry: false })}
          >
            <RefreshCw />
            {t("detail:fields.extract")}
          </Button>
          <Button
            size="sm"
            look="quiet"
            disabled={extract.isBusy}
            title={t("detail:fields.tryHint")}
            onClick={() => extract.start({ isDry: true })}
          >
            <FlaskConical />
            {t("detail:fields.try")}
          </Button>
        </>
      )}
    </div>
  );
}
