import { Button, Empty, ErrorNote, Problem } from "barq-web/kit";
import { ListVideo, SearchX } from "lucide-react";
import { lazy, type ReactNode, Suspense, useMemo, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Field } from "../api/client.ts";
import { useColumns } from "./columns/use_columns.ts";
import { Grid } from "./grid/grid.tsx";
import { useFocus } from "./grid/use_focus.ts";
import { useLook } from "./look.ts";
import { type Room, RoomContext, useRoom } from "./room.ts";
import { useLive } from "./rows/live.ts";
import { useRows } from "./rows/use_rows.ts";
import { useSelection } from "./selection/use_selection.ts";
import { Toolbar } from "./toolbar.tsx";

/* A first look at a list needs none of them. */
const Cards = lazy(() => import("./cards/cards.tsx").then((all) => ({ default: all.Cards })));
const BulkBar = lazy(() =>
  import("./selection/bulk_bar.tsx").then((all) => ({ default: all.BulkBar })),
);
const Panel = lazy(() => import("./panel.tsx").then((all) => ({ default: all.Panel })));

const narrow = matchMedia("(max-width: 640px)");

function useIsNarrow() {
  return useSyncExternalStore(
    (tell) => {
      narrow.addEventListener("change", tell);
      return () => narrow.removeEventListener("change", tell);
    },
    () => narrow.matches,
  );
}

function Nothing() {
  const { t } = useTranslation();
  const { look, setLook, listId } = useRoom();

  return look.q ? (
    <Empty
      icon={<SearchX />}
      title={t("table:nothingFound")}
      actions={
        <Button onClick={() => setLook({ q: undefined, view: undefined })}>
          {t("table:clearSearch")}
        </Button>
      }
    >
      {t("table:nothingFoundText")}
    </Empty>
  ) : (
    <Empty icon={<ListVideo />} title={t("table:empty")}>
      {t(listId ? "table:emptyText" : "table:emptyAllText")}
    </Empty>
  );
}

/* What is wrong with the search stands below its box. */
function NotUnderstood() {
  const { t } = useTranslation();
  const { setLook } = useRoom();

  return (
    <Empty
      icon={<SearchX />}
      title={t("table:notUnderstood")}
      actions={
        <Button onClick={() => setLook({ q: undefined, view: undefined })}>
          {t("table:clearSearch")}
        </Button>
      }
    />
  );
}

function Body({ layout }: { layout: "table" | "cards" }) {
  const { rows } = useRoom();
  const isQueryWrong = rows.error instanceof Problem && rows.error.status === 422;

  if (rows.error && !isQueryWrong) {
    return (
      <div className="p-4">
        <ErrorNote error={rows.error} onRetry={rows.retry} />
      </div>
    );
  }
  if (isQueryWrong && rows.total === undefined) {
    return <NotUnderstood />;
  }
  if (rows.total === 0) {
    return (
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Nothing />
      </div>
    );
  }
  return layout === "cards" ? (
    <Suspense>
      <Cards />
    </Suspense>
  ) : (
    <Grid />
  );
}

/** A table of videos with all that belongs to it: of a list, or of all of them. */
export function RoomView({
  listId,
  fields,
  header,
}: {
  listId: string | undefined;
  fields: Field[] | undefined;
  header: ReactNode;
}) {
  const { look, setLook } = useLook();
  const isNarrow = useIsNarrow();
  const layout = look.layout ?? (isNarrow ? "cards" : "table");
  const { q = "", sort } = look;
  const rows = useRows(useMemo(() => ({ listId, q, sort }), [listId, q, sort]));
  const columns = useColumns(listId, fields);
  const selection = useSelection(rows);
  const shown = useMemo(() => columns.visible.map((column) => column.id), [columns.visible]);
  const focus = useFocus(rows.total ?? 0, shown);
  const room: Room = { listId, fields, look, setLook, rows, columns, selection, focus };

  useLive(listId);
  return (
    <RoomContext.Provider value={room}>
      <div className="flex h-full min-w-0">
        <section className="relative flex min-w-0 flex-1 flex-col">
          {header}
          <Toolbar layout={layout} />
          <div className="flex min-h-0 flex-1 flex-col border-t">
            <Body layout={layout} />
          </div>
          {selection.count > 0 && (
            <Suspense>
              <BulkBar />
            </Suspense>
          )}
        </section>
        {look.video && (
          <Suspense>
            <Panel />
          </Suspense>
        )}
      </div>
    </RoomContext.Provider>
  );
}
