import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, doUnlessUndone, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api, type Note, type WholeVideo } from "../../api/client.ts";
import { changeKnown } from "../known.ts";

/* About the whole first, then by their time, as the server has them. */
function sorted(notes: Note[]) {
  return notes.toSorted(
    (a, b) =>
      (a.at_seconds ?? -1) - (b.at_seconds ?? -1) || a.created_at.localeCompare(b.created_at),
  );
}

/** The notes of a video: written, changed and thrown away at once, and taken back in words. */
export function useNotes(video: WholeVideo) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const show = (change: (notes: Note[]) => Note[]) =>
    changeKnown(queries, video.id, (old) => ({ ...old, notes: sorted(change(old.notes)) }));
  const refused = (error: unknown) => {
    toast.error(errorText(error));
    void queries.invalidateQueries({ queryKey: ["video", video.id], exact: true });
  };

  const add = useMutation({
    mutationFn: (body: { text: string; at_seconds: number | null }) =>
      ask(api.POST("/api/videos/{id}/notes", { params: { path: { id: video.id } }, body })),
    onSuccess: (note) => show((notes) => [...notes, note]),
    onError: (error) => toast.error(errorText(error)),
  });
  const change = useMutation({
    mutationFn: ({ id, ...body }: { id: string; text: string; at_seconds: number | null }) =>
      ask(api.PATCH("/api/notes/{id}", { params: { path: { id } }, body })),
    onMutate: ({ id, ...body }) =>
      show((notes) => notes.map((one) => (one.id === id ? { ...one, ...body } : one))),
    onError: refused,
  });
  const remove = (note: Note) => {
    show((notes) => notes.filter((one) => one.id !== note.id));
    doUnlessUndone(t("detail:notes.deleted"), {
      commit: () => {
        ask(
          api.DELETE("/api/notes/{id}", { params: { path: { id: note.id } }, keepalive: true }),
        ).catch(refused);
      },
      undo: () => show((notes) => [...notes, note]),
    });
  };

  return { add, change, remove };
}
