/** A description in pieces: text, addresses, and times in the video. */
export type Piece =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; address: string }
  | { kind: "time"; text: string; seconds: number };

const ADDRESS = String.raw`https?:\/\/[^\s<>"]+`;
const TIME = String.raw`(?<![\d:.])\d{1,2}(?::[0-5]\d){1,2}(?![\d:])`;

/* What ends a sentence is not of the address; a bracket is when it was opened in it. */
function trimmed(address: string) {
  let end = address.length;

  while (end > 0) {
    const last = address[end - 1] ?? "";
    const head = address.slice(0, end);
    const isOpened = last === ")" && head.split("(").length >= head.split(")").length;
    if (!/[.,;:!?)\]'*]/.test(last) || isOpened) {
      break;
    }
    end -= 1;
  }
  return address.slice(0, end);
}

function secondsOf(time: string) {
  return time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** `duration`: a time behind the video's end is none of its own. */
export function pieces(text: string, duration?: number | null): Piece[] {
  const out: Piece[] = [];
  const put = (words: string) => words && out.push({ kind: "text", text: words });
  let from = 0;

  for (const hit of text.matchAll(new RegExp(`${ADDRESS}|${TIME}`, "g"))) {
    const isAddress = hit[0].startsWith("http");
    const words = isAddress ? trimmed(hit[0]) : hit[0];
    const seconds = isAddress ? 0 : secondsOf(words);
    if (!isAddress && duration && seconds > duration) {
      continue;
    }
    put(text.slice(from, hit.index));
    out.push(
      isAddress
        ? { kind: "link", text: words, address: words }
        : { kind: "time", text: words, seconds },
    );
    from = hit.index + words.length;
  }
  put(text.slice(from));
  return out;
}
