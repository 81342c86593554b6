import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import {
  ask,
  Button,
  doUnlessUndone,
  IconButton,
  Menu,
  MenuItem,
  MenuLabel,
  MenuLine,
  toast,
  useErrorText,
} from "barq-web/kit";
import {
  ChartColumn,
  Columns3,
  Ellipsis,
  FileDown,
  Play,
  RotateCcw,
  Rss,
  Trash2,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, type List } from "../../api/client.ts";
import { listsQuery } from "../../api/queries.ts";

const FILES = [
  ["csv", "export/csv"],
  ["json", "export/json"],
  ["html", "export/html"],
] as const;

const below = (list: List, path: string) =>
  new URL(`api/lists/${encodeURIComponent(list.id)}/${path}`, document.baseURI).href;

function useListActions(list: List) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();

  const process = async (failed: boolean) => {
    try {
      const run = await ask(
        api.POST("/api/lists/{id}/process", {
          params: { path: { id: list.id } },
          body: { failed },
        }),
      );
      toast.success(t("table:done.process", { count: run.total_videos }));
      await queries.invalidateQueries({ queryKey: ["runs"] });
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  const remove = () => {
    const had = queries.getQueryData(listsQuery.queryKey);
    const others = had?.filter((one) => one.id !== list.id);
    const back = () => void queries.invalidateQueries({ queryKey: ["lists"] });

    queries.setQueryData(listsQuery.queryKey, others);
    void navigate({ to: "/" });
    doUnlessUndone(t("table:listDeleted", { name: list.name }), {
      commit: () =>
        void ask(
          api.DELETE("/api/lists/{id}", { params: { path: { id: list.id } }, keepalive: true }),
        )
          .catch((error: unknown) => toast.error(errorText(error)))
          .then(back),
      undo: () => {
        queries.setQueryData(listsQuery.queryKey, had);
        void navigate({ to: "/lists/$listId", params: { listId: list.id } });
      },
    });
  };
  return { process, remove };
}

export function ListMenu({ list }: { list: List }) {
  const { t } = useTranslation();
  const { process, remove } = useListActions(list);
  const params = { listId: list.id };

  return (
    <div className="flex shrink-0 items-center gap-1">
      <Button asChild look="quiet" className="max-md:hidden">
        <Link to="/lists/$listId/fields" params={params}>
          <Columns3 />
          {t("nav:fields")}
        </Link>
      </Button>
      <Button asChild look="quiet" className="max-md:hidden">
        <Link to="/lists/$listId/statistics" params={params}>
          <ChartColumn />
          {t("nav:statistics")}
        </Link>
      </Button>
      <Menu
        trigger={
          <IconButton label={t("table:listMenu")}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem asChild>
          <Link to="/lists/$listId/fields" params={params}>
            <Columns3 />
            {t("nav:fields")}
          </Link>
        </MenuItem>
        <MenuItem asChild>
          <Link to="/lists/$listId/statistics" params={params}>
            <ChartColumn />
            {t("nav:statistics")}
          </Link>
        </MenuItem>
        <MenuLine />
        <MenuItem disabled={list.pending_count === 0} onSelect={() => void process(false)}>
          <Play />
          {t("table:processPending", { count: list.pending_count })}
        </MenuItem>
        <MenuItem disabled={list.failed_count === 0} onSelect={() => void process(true)}>
          <RotateCcw />
          {t("table:processFailed", { count: list.failed_count })}
        </MenuItem>
        <MenuLine />
        <MenuLabel>{t("table:export")}</MenuLabel>
        {FILES.map(([kind, path]) => (
          <MenuItem key={kind} asChild>
            <a href={below(list, path)} download>
              <FileDown />
              {t(`table:file.${kind}`)}
            </a>
          </MenuItem>
        ))}
        <MenuItem asChild>
          <a href={below(list, "feed.xml")} target="_blank" rel="noreferrer">
            <Rss />
            {t("table:file.feed")}
          </a>
        </MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={remove}>
          <Trash2 />
          {t("table:deleteList")}
        </MenuItem>
      </Menu>
    </div>
  );
}
