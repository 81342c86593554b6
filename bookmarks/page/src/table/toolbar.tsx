import { Button, IconButton, Menu, MenuCheck, Popover } from "barq-web/kit";
import { ArrowUpDown, Columns3, LayoutGrid, Rows3 } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useRoom } from "./room.ts";
import { Chips } from "./search/chips.tsx";
import { FilterButton } from "./search/filter_button.tsx";
import { SearchBox } from "./search/search_box.tsx";
import { ViewsMenu } from "./views/views_menu.tsx";

const ColumnChooser = lazy(() =>
  import("./columns/chooser.tsx").then((all) => ({ default: all.ColumnChooser })),
);

function SortMenu() {
  const { t } = useTranslation();
  const { look, setLook, columns } = useRoom();
  const by = look.sort?.replace(/^-/, "");
  const isDown = look.sort?.startsWith("-") ?? false;

  return (
    <Menu
      trigger={
        <Button aria-label={t("table:sort")}>
          <ArrowUpDown />
          <span className="hidden 2xl:inline">{t("table:sort")}</span>
        </Button>
      }
    >
      {columns.all.flatMap((column) =>
        column.sort ? (
          <MenuCheck
            key={column.id}
            checked={by === column.sort}
            onChange={(checked) => setLook({ sort: checked ? column.sort : undefined })}
          >
            {column.label}
          </MenuCheck>
        ) : (
          []
        ),
      )}
      <div className="my-1 h-px bg-line" />
      <MenuCheck
        checked={isDown}
        onChange={(checked) => by && setLook({ sort: checked ? `-${by}` : by })}
      >
        {t("table:descending")}
      </MenuCheck>
    </Menu>
  );
}

function ColumnsButton() {
  const { t } = useTranslation();

  return (
    <Popover
      label={t("table:columns")}
      align="end"
      className="w-80"
      trigger={
        <Button aria-label={t("table:columns")}>
          <Columns3 />
          <span className="hidden 2xl:inline">{t("table:columns")}</span>
        </Button>
      }
    >
      <Suspense fallback={<div className="h-80" />}>
        <ColumnChooser />
      </Suspense>
    </Popover>
  );
}

export function Toolbar({ layout }: { layout: "table" | "cards" }) {
  const { t, i18n } = useTranslation();
  const { rows, setLook } = useRoom();
  const isTable = layout === "table";

  return (
    <>
      <div className="flex flex-wrap items-start gap-2 px-4 py-2">
        <SearchBox />
        <div className="flex flex-wrap items-center gap-2">
          <FilterButton />
          <ViewsMenu />
          <SortMenu />
          <ColumnsButton />
          <IconButton
            label={t(isTable ? "table:asCards" : "table:asTable")}
            onClick={() => setLook({ layout: isTable ? "cards" : "table" }, { replace: true })}
          >
            {isTable ? <LayoutGrid /> : <Rows3 />}
          </IconButton>
          <span role="status" className="min-w-16 text-right text-[13px] text-muted tabular-nums">
            {rows.total !== undefined &&
              t("table:count", {
                count: rows.total,
                shown: rows.total.toLocaleString(i18n.language),
              })}
          </span>
        </div>
      </div>
      <Chips />
    </>
  );
}
