import type { FieldShape } from "./types.ts";

export type Item = { option: string; isChosen: boolean; isNew: boolean };

function fold(text: string) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** What can be chosen once `text` is written: options that have it in them, those that begin with it first. */
export function optionsFor(
  field: Pick<FieldShape, "options">,
  text: string,
  chosen: string[],
  suggestions: string[],
): Item[] {
  const takesAny = field.options.length === 0;
  const known = takesAny ? [...new Set([...chosen, ...suggestions])] : field.options;
  const words = fold(text.trim());
  const begins = (option: string) => (fold(option).startsWith(words) ? 0 : 1);
  const items = known
    .filter((option) => fold(option).includes(words))
    .map((option) => ({ option, isChosen: chosen.includes(option), isNew: false }));

  if (words !== "") {
    items.sort((a, b) => begins(a.option) - begins(b.option));
  }
  if (takesAny && words !== "" && !known.some((option) => fold(option) === words)) {
    items.push({ option: text.trim(), isChosen: false, isNew: true });
  }
  return items;
}
