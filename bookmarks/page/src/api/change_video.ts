import type { QueryClient } from "@tanstack/react-query";
import type { Video, WholeVideo } from "./client.ts";

/** What a change makes of a video, whether that is a row of a table or the whole one. */
export type Edit = <Shown extends Video>(video: Shown) => Shown;

export type Change = {
  give: Edit;
  /** As it was before, unless another change has come after it. Touches nothing else. */
  takeBack: Edit;
  /** Its answer is the truth, or the part of the video that it is about. */
  send: () => Promise<Partial<WholeVideo>>;
};

/** Shows `edit` wherever the video is on the page: beside the list, and in the tables (pages of ["videos", ...]). */
export function showVideo(queries: QueryClient, id: string, edit: Edit) {
  queries.setQueryData<WholeVideo>(["video", id], (old) => old && edit(old));
  queries.setQueriesData<unknown>({ queryKey: ["videos"] }, (page: unknown) =>
    Array.isArray(page) && page.some((one: Video) => one?.id === id)
      ? page.map((one: Video) => (one.id === id ? edit(one) : one))
      : page,
  );
}

type UnderWay = { give: Edit; answer: Promise<unknown> };

/* By video. One is sent after another, so that an answer never lacks what was changed before it. */
const underWay = new Map<string, UnderWay[]>();

function begin(id: string, { give, send }: Change) {
  const before = underWay.get(id) ?? [];
  const answer = (before.at(-1)?.answer ?? Promise.resolve()).then(send, send);
  const one = { give, answer };

  underWay.set(id, [...before, one]);
  /** Those that have come after it. */
  const end = () => {
    const left = (underWay.get(id) ?? []).filter((other) => other !== one);
    if (left.length > 0) {
      underWay.set(id, left);
    } else {
      underWay.delete(id);
    }
    return left;
  };
  return { answer, end };
}

/**
 * Shows a change at once and sends it. The answer is shown with the changes that are still on their way on top of
 * it; what is refused is taken back, and nothing but that, and the reason is thrown.
 */
export async function changeVideo(queries: QueryClient, id: string, change: Change) {
  const { answer, end } = begin(id, change);

  /* What was asked for before knows nothing of it. */
  await queries.cancelQueries({ queryKey: ["video", id], exact: true });
  showVideo(queries, id, change.give);
  try {
    const now = await answer;
    const later = end();
    showVideo(queries, id, (video) =>
      later.reduce((shown, { give }) => give(shown), { ...video, ...now }),
    );
  } catch (error) {
    end();
    showVideo(queries, id, change.takeBack);
    throw error;
  }
}
