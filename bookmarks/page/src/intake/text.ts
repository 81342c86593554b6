/*
 * What a pasted text is, as far as the page must know before it asks the server, who reads all of it
 * (bookmarks/video/url.c): only whether it is one video, and whether there may be one in it at all.
 */
const bareId = /^[A-Za-z0-9_-]{11}$/;
const hosts = /(^|\.)(youtube\.com|youtu\.be|youtube-nocookie\.com|youtubekids\.com)$/;
const pathWithId = /^\/(?:shorts|live|embed|v|e|watch)\/([A-Za-z0-9_-]{11})$/;
const mayBeVideo =
  /youtu\.?be|(?:^|[\s,;"'])(?:[A-Za-z0-9_-]{11}|@[\w.-]{3,}|(?:PL|UU|FL|OLAK5uy_)[\w-]{10,}|UC[\w-]{22})(?=$|[\s,;"'])/im;

function addressOf(word: string) {
  try {
    return new URL(/^https?:/i.test(word) ? word : `https://${word}`);
  } catch {
    return undefined;
  }
}

/** The address or the id of a video, if `text` is that and nothing else. */
export function oneVideo(text: string) {
  const word = text.trim();
  if (word === "" || /\s/.test(word)) {
    return undefined;
  }
  if (bareId.test(word)) {
    return word;
  }

  const url = addressOf(word);
  if (!url || !hosts.test(url.hostname)) {
    return undefined;
  }
  const id =
    url.searchParams.get("v") ??
    pathWithId.exec(url.pathname)?.[1] ??
    (url.hostname.endsWith("youtu.be") ? url.pathname.slice(1) : "");
  return bareId.test(id) ? word : undefined;
}

/** The playlist that an address of a video is part of, unless YouTube made it up for whoever watches. */
export function playlistOf(text: string) {
  const id = addressOf(text.trim())?.searchParams.get("list");
  return id && /^(PL|OLAK5uy_|UU|FL)[\w-]{10,}$/.test(id)
    ? `https://www.youtube.com/playlist?list=${id}`
    : undefined;
}

/** Is there anything in it that could be a video, a playlist or a channel? */
export function mayHoldVideos(text: string) {
  return mayBeVideo.test(text);
}
