/*
 * A query as the search box has it (docs/bookmarks.md, "Finding"), taken apart into its words: the
 * page needs to know where they are, and the server alone what they mean.
 */
export type Token = {
  from: number;
  to: number;
  text: string;
  isNot: boolean;
  /** "tag" of tag:later; undefined: words. */
  operator: string | undefined;
  /** Without its quotes. */
  value: string;
};

export const OPERATORS = [
  "tag",
  "channel",
  "list",
  "is",
  "in",
  "field",
  "dur",
  "added",
  "published",
  "views",
] as const;
export const isOperator = (word: string | undefined) => OPERATORS.some((one) => one === word);
export const STATES = [
  "pending",
  "completed",
  "failed",
  "watched",
  "unwatched",
  "gone",
  "private",
  "live",
] as const;
export const PLACES = ["title", "description", "transcript", "notes"] as const;

const one = /-?(?:[a-z]+:)?(?:[^\s"]*"[^"]*"?[^\s"]*|[^\s"]+)/gi;

function tokenOf(match: RegExpMatchArray): Token {
  const text = match[0];
  const from = match.index ?? 0;
  const parts = /^(-?)(?:([a-z]+):)?(.*)$/is.exec(text);

  return {
    from,
    to: from + text.length,
    text,
    isNot: parts?.[1] === "-",
    operator: parts?.[2]?.toLowerCase(),
    value: (parts?.[3] ?? "").replaceAll('"', ""),
  };
}

export function tokens(query: string): Token[] {
  return [...query.matchAll(one)].map(tokenOf);
}

/** Words can be shown where they are; for a tag or a duration there is nothing to show. */
export function hasWords(query: string) {
  return tokens(query).some((token) => token.operator === undefined && !token.isNot);
}

/** With quotes where a blank or a colon would end it. */
export function quoted(value: string) {
  return /[\s":]/.test(value) || value === "" ? `"${value.replaceAll('"', "")}"` : value;
}

export function without(query: string, token: Token) {
  return `${query.slice(0, token.from)} ${query.slice(token.to)}`.replace(/\s+/g, " ").trim();
}

export function withPart(query: string, part: string) {
  const has = tokens(query).some((token) => token.text === part);
  return has ? query : `${query.trim()} ${part}`.trim();
}

/** Without what somebody has only begun to write: "is:", "field:level=". */
export function finished(query: string) {
  return tokens(query)
    .filter((token) => !(token.operator && (token.value === "" || /[=<>~]$/.test(token.value))))
    .map((token) => token.text)
    .join(" ");
}

/** What a server's refusal says of the query's place: "At character 5: ...". */
export function placeOf(message: string) {
  const found = /^At character (\d+): (.*)$/s.exec(message);
  return found ? { at: Number(found[1]) - 1, text: found[2] ?? "" } : undefined;
}
