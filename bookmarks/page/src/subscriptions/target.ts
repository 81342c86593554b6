export type Kind = "channel" | "playlist" | "keyword";

/** What somebody pasted, as the server wants it: an id of a channel or a playlist; words stay words. */
export function targetOf(kind: Kind, text: string): string | undefined {
  const words = text.trim();

  if (kind === "keyword") {
    return words || undefined;
  }
  return kind === "channel"
    ? /(?:^|\/channel\/)(UC[\w-]{22})(?:$|[/?#])/.exec(words)?.[1]
    : /(?:^|[?&]list=)((?:PL|UU|OL|FL)[\w-]{8,})(?:$|[&#])/.exec(words)?.[1];
}

/** Which kind an address is of, so that nobody has to say. */
export function kindOf(text: string): Kind | undefined {
  return (["channel", "playlist"] as const).find((kind) => targetOf(kind, text) !== undefined);
}
