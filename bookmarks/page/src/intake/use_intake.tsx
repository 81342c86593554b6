import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ask, toast, useErrorText } from "barq-web/kit";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import { listsQuery } from "../api/queries.ts";
import { DropOverlay } from "./drop_overlay.tsx";
import { listNameOf, type Source } from "./source.ts";
import { oneVideo } from "./text.ts";
import { useAddVideo } from "./use_add_video.ts";
import { useAnywhere } from "./use_anywhere.ts";

const PreviewDialog = lazy(() =>
  import("./preview_dialog.tsx").then((module) => ({ default: module.PreviewDialog })),
);

/** What a preview is shown of. `isNew`: the list was made for it, and goes when nothing comes of it. */
type Batch = { id: number; listId: string; isNew: boolean; sources: Source[] };

let batches = 0;

/**
 * The way in for everything: `take` adds one video at once, and shows what more would become of the
 * rest. `listId` null: there is no list yet, and one is made. `parts` are to be rendered; `onDone` is
 * called when something was added, or was there.
 */
export function useIntake(
  listId: string | null,
  onDone?: (listId: string) => void,
): {
  take: (sources: Source[]) => void;
  isBusy: boolean;
  parts: ReactNode;
} {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const lists = useQuery(listsQuery);
  const [batch, setBatch] = useState<Batch | undefined>(undefined);
  const preview = (id: string, sources: Source[], isNew: boolean) =>
    setBatch({ id: ++batches, listId: id, isNew, sources });
  const add = useAddVideo(
    (playlist) => listId && preview(listId, [{ name: "", body: playlist }], false),
  );

  const toList = (id: string) => void navigate({ to: "/lists/$listId", params: { listId: id } });

  const takeTo = (id: string, sources: Source[], isNew: boolean) => {
    const only = sources.length === 1 ? sources[0]?.body : undefined;
    const url = typeof only === "string" ? oneVideo(only) : undefined;

    if (url) {
      add.mutate({ listId: id, url }, { onSuccess: () => (isNew ? toList(id) : onDone?.(id)) });
    } else if (sources.length > 0) {
      preview(id, sources, isNew);
    }
  };
  const makeList = async (sources: Source[]) => {
    try {
      const name = listNameOf(sources) ?? t("intake:firstList");
      const list = await ask(api.POST("/api/lists", { body: { name } }));
      takeTo(list.id, sources, true);
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  const take = (sources: Source[]) => {
    if (listId !== null) {
      takeTo(listId, sources, false);
    } else if (sources.length > 0) {
      void makeList(sources);
    }
  };
  const close = (hasImported: boolean) => {
    if (batch?.isNew && !hasImported) {
      void ask(api.DELETE("/api/lists/{id}", { params: { path: { id: batch.listId } } }))
        .catch((error: unknown) => toast.error(errorText(error)))
        .then(() => queries.invalidateQueries({ queryKey: ["lists"] }));
    } else if (batch?.isNew) {
      void queries.invalidateQueries({ queryKey: ["lists"] });
      toList(batch.listId);
    } else if (batch && hasImported) {
      onDone?.(batch.listId);
    }
    setBatch(undefined);
  };
  const over = useAnywhere(take);
  const listName = lists.data?.find(({ id }) => id === listId)?.name;

  return {
    take,
    isBusy: add.isPending,
    parts: (
      <>
        <DropOverlay over={over} listName={listId === null ? undefined : (listName ?? "")} />
        {batch && (
          <Suspense>
            <PreviewDialog
              key={batch.id}
              listId={batch.listId}
              sources={batch.sources}
              onClose={close}
            />
          </Suspense>
        )}
      </>
    ),
  };
}
