import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ask, Problem, toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import { refreshVideos } from "../api/queries.ts";
import { playlistOf } from "./text.ts";

/** Of a refusal: where the video is already. */
class AlreadyThere extends Error {
  constructor(readonly videoId: string) {
    super();
  }
}

async function add(listId: string, url: string) {
  const call = await api.POST("/api/lists/{id}/videos", {
    params: { path: { id: listId } },
    body: { url },
  });
  const at = call.response.headers.get("Location")?.split("/").at(-1);

  if (call.response.status === 409 && at) {
    throw new AlreadyThere(at);
  }
  return ask(Promise.resolve(call));
}

/** Adds one video at once: it is in the table before it has a title. */
export function useAddVideo(onPlaylist: (address: string) => void) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();

  return useMutation({
    mutationFn: ({ listId, url }: { listId: string; url: string }) => add(listId, url),
    onSuccess: (_video, { listId, url }) => {
      const playlist = playlistOf(url);

      void refreshVideos(queries);
      void queries.invalidateQueries({ queryKey: ["runs"] });
      if (playlist) {
        toast.success(t("intake:oneAdded"), {
          description: t("intake:ofPlaylist"),
          duration: 10_000,
          action: { label: t("intake:wholePlaylist"), onClick: () => onPlaylist(playlist) },
        });
      } else {
        toast.success(t("intake:oneAdded"), { id: `added-${listId}`, duration: 2500 });
      }
    },
    onError: (error, { listId }) => {
      if (error instanceof AlreadyThere) {
        toast.info(t("intake:alreadyThere"), {
          action: {
            label: t("intake:showIt"),
            onClick: () =>
              void navigate({
                to: "/lists/$listId",
                params: { listId },
                search: { video: error.videoId },
              }),
          },
        });
      } else {
        toast.error(
          error instanceof Problem && error.status === 404
            ? t("intake:listGone")
            : errorText(error),
        );
      }
    },
  });
}
