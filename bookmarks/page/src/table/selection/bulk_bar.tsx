import { Button, IconButton, Menu, MenuItem, MenuLabel, MenuLine } from "barq-web/kit";
import { Eye, EyeOff, FolderInput, Pencil, RefreshCw, Tag, Trash2, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRoom } from "../room.ts";
import { useBulk } from "./use_bulk.ts";
import { useDelete } from "./use_delete.ts";

const BulkDialog = lazy(() =>
  import("./bulk_dialog.tsx").then((all) => ({ default: all.BulkDialog })),
);
export type BulkQuestion = "tag" | "untag" | "set" | "move" | "copy";

function ProcessMenu() {
  const { t } = useTranslation();
  const { fields } = useRoom();
  const { processAgain } = useBulk();

  return (
    <Menu
      align="start"
      trigger={
        <Button size="sm" look="quiet">
          <RefreshCw />
          {t("table:process")}
        </Button>
      }
    >
      <MenuItem onSelect={() => void processAgain()}>{t("table:processAll")}</MenuItem>
      {fields && fields.length > 0 && (
        <>
          <MenuLine />
          <MenuLabel>{t("table:processOne")}</MenuLabel>
          {fields.map((field) => (
            <MenuItem key={field.id} onSelect={() => void processAgain(field.name ?? undefined)}>
              {field.label}
            </MenuItem>
          ))}
        </>
      )}
    </Menu>
  );
}

/** What can be done to all that is selected. */
export function BulkBar() {
  const { t, i18n } = useTranslation();
  const { selection, rows, fields } = useRoom();
  const { run } = useBulk();
  const remove = useDelete();
  const [question, setQuestion] = useState<BulkQuestion>();
  const total = rows.total ?? 0;
  const words = (count: number) => count.toLocaleString(i18n.language);

  if (selection.count === 0) {
    return null;
  }
  return (
    <div
      role="toolbar"
      aria-label={t("table:bulk")}
      className="absolute inset-x-2 bottom-3 z-20 mx-auto flex w-fit max-w-[calc(100%-1rem)] flex-wrap items-center gap-x-1 gap-y-1 rounded-xl border border-line-strong bg-raised px-3 py-2 shadow-raised"
    >
      <span role="status" className="px-1 font-medium tabular-nums">
        {t("table:selected", { count: selection.count, shown: words(selection.count) })}
      </span>
      {!selection.isAll && total > selection.count && (
        <Button size="sm" look="link" onClick={selection.selectAll}>
          {t("table:selectAll", { count: total, shown: words(total) })}
        </Button>
      )}
      <span aria-hidden className="mx-1 hidden h-5 w-px bg-line sm:block" />
      <ProcessMenu />
      <Menu
        align="start"
        trigger={
          <Button size="sm" look="quiet">
            <Tag />
            {t("table:tag")}
          </Button>
        }
      >
        <MenuItem onSelect={() => setQuestion("tag")}>{t("table:giveTags")}</MenuItem>
        <MenuItem onSelect={() => setQuestion("untag")}>{t("table:takeTags")}</MenuItem>
      </Menu>
      {fields && fields.length > 0 && (
        <Button size="sm" look="quiet" onClick={() => setQuestion("set")}>
          <Pencil />
          {t("table:setField")}
        </Button>
      )}
      <Menu
        align="start"
        trigger={
          <Button size="sm" look="quiet">
            <FolderInput />
            {t("table:toList")}
          </Button>
        }
      >
        <MenuItem onSelect={() => setQuestion("move")}>{t("table:move")}</MenuItem>
        <MenuItem onSelect={() => setQuestion("copy")}>{t("table:copy")}</MenuItem>
      </Menu>
      <IconButton
        size="sm"
        label={t("table:markWatched")}
        onClick={() => void run({ action: "watched" })}
      >
        <Eye />
      </IconButton>
      <IconButton
        size="sm"
        label={t("table:markUnwatched")}
        onClick={() => void run({ action: "unwatched" })}
      >
        <EyeOff />
      </IconButton>
      <IconButton size="sm" label={t("table:delete")} keys="#" onClick={remove.selected}>
        <Trash2 />
      </IconButton>
      <IconButton size="sm" label={t("table:clearSelection")} keys="Esc" onClick={selection.clear}>
        <X />
      </IconButton>
      {question && (
        <Suspense>
          <BulkDialog question={question} onDone={() => setQuestion(undefined)} />
        </Suspense>
      )}
    </div>
  );
}
