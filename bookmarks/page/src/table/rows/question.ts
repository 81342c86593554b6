/** What there is to show, in which order. */
export type Question = { listId: string | undefined; q: string; sort: string | undefined };

export const sameQuestion = (a: Question, b: Question) =>
  a.listId === b.listId && a.q === b.q && a.sort === b.sort;
