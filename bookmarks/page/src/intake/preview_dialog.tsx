import { useQuery } from "@tanstack/react-query";
import { Button, Dialog, ErrorNote } from "barq-web/kit";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { listQuery } from "../api/queries.ts";
import { PreviewBody } from "./preview_body.tsx";
import { countsOf } from "./report.ts";
import type { Source } from "./source.ts";
import { UploadNote } from "./upload_note.tsx";
import { useTellImport } from "./use_tell_import.tsx";
import { useImport, usePreview } from "./use_told.ts";

/** Says what an import would do, and does it. */
export function PreviewDialog({
  listId,
  sources,
  onClose,
}: {
  listId: string;
  sources: Source[];
  onClose: (hasImported: boolean) => void;
}) {
  const { t } = useTranslation();
  const list = useQuery(listQuery(listId));
  const preview = usePreview(listId, sources);
  const bring = useImport(listId, sources);
  const tell = useTellImport();
  const [process, setProcess] = useState(true);
  const counts = countsOf(preview.data ?? []);
  const coming = counts.added + counts.expanding;
  const isBusy = preview.isPending || bring.isPending;
  const isReady = !isBusy && coming > 0;

  /* What Enter is to do, once there is something to be done. */
  const button = useCallback(
    (element: HTMLButtonElement | null) => {
      if (isReady) {
        element?.focus();
      }
    },
    [isReady],
  );
  const start = () =>
    bring.mutate(process, {
      onSuccess: (told) => {
        tell(told);
        onClose(true);
      },
    });

  return (
    <Dialog
      open
      onOpenChange={() => onClose(false)}
      title={list.data ? t("intake:previewTitle", { list: list.data.name }) : t("intake:box")}
      description={
        sources.length === 1 ? sources[0]?.name : t("intake:fileCount", { count: sources.length })
      }
      className="sm:w-[min(46rem,calc(100vw-2rem))]"
      actions={
        <>
          <Button onClick={() => onClose(false)}>{t("kit:cancel")}</Button>
          <Button ref={button} look="primary" disabled={!isReady} onClick={start}>
            {counts.added === 0 && counts.expanding > 0
              ? t("intake:addSources", { count: counts.expanding })
              : t("intake:addCount", { count: counts.added })}
          </Button>
        </>
      }
    >
      {bring.error && <ErrorNote error={bring.error} onRetry={start} />}
      {preview.error && <ErrorNote error={preview.error} onRetry={() => void preview.refetch()} />}
      {isBusy && <UploadNote progress={bring.isPending ? bring.progress : preview.progress} />}
      {!isBusy && preview.data && (
        <PreviewBody told={preview.data} counts={counts} process={process} onProcess={setProcess} />
      )}
    </Dialog>
  );
}
