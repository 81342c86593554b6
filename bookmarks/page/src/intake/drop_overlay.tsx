import { FileDown, Link as LinkIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Over } from "./use_anywhere.ts";

/** What will happen to what hovers over the page. `listName` undefined: a list is made for it. */
export function DropOverlay({ over, listName }: { over: Over; listName: string | undefined }) {
  const { t } = useTranslation();

  if (!over) {
    return null;
  }
  return (
    <div className="pointer-events-none fixed inset-0 z-50 flex items-center justify-center bg-page/80 p-4 backdrop-blur-sm">
      <div
        role="status"
        className="flex max-w-md flex-col items-center gap-2 rounded-2xl border-2 border-accent border-dashed bg-raised px-10 py-12 text-center shadow-raised"
      >
        <span className="mb-2 flex size-14 items-center justify-center rounded-full bg-accent-soft text-accent-ink [&_svg]:size-7">
          {over.files > 0 ? <FileDown /> : <LinkIcon />}
        </span>
        <p className="font-semibold text-lg">
          {listName === undefined ? t("intake:dropNew") : t("intake:dropTo", { list: listName })}
        </p>
        <p className="text-muted">
          {over.files > 0 ? t("intake:dropFiles", { count: over.files }) : t("intake:dropLinks")}
        </p>
      </div>
    </div>
  );
}
