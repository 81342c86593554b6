import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { askForAll } from "./report.ts";
import type { Progress } from "./send.ts";
import type { Source } from "./source.ts";

/** What an import of `sources` would do. */
export function usePreview(listId: string, sources: Source[]) {
  const [progress, setProgress] = useState<Progress | undefined>(undefined);
  const path = `api/lists/${listId}/import/preview`;
  const query = useQuery({
    queryKey: ["import-preview", listId, sources],
    /* A file has no text that a key could be made of; the dialog is opened anew for each. */
    queryKeyHashFn: () => `import-preview-${listId}`,
    queryFn: ({ signal }) => askForAll(path, sources, signal, setProgress),
    gcTime: 0,
    retry: false,
  });

  return { ...query, progress };
}

/** Imports them; `cancel` stops what is on its way, and whoever leaves cancels. */
export function useImport(listId: string, sources: Source[]) {
  const queries = useQueryClient();
  const stop = useRef<AbortController | undefined>(undefined);
  const [progress, setProgress] = useState<Progress | undefined>(undefined);
  const run = useMutation({
    mutationFn: (process: boolean) => {
      stop.current = new AbortController();
      return askForAll(
        `api/lists/${listId}/import?process=${process}`,
        sources,
        stop.current.signal,
        setProgress,
      );
    },
    onSettled: () => {
      for (const key of ["videos", "lists", "runs", "tags"]) {
        void queries.invalidateQueries({ queryKey: [key] });
      }
    },
  });

  useEffect(() => () => stop.current?.abort(), []);
  return { ...run, progress, cancel: () => stop.current?.abort() };
}
