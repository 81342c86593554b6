/*
 * YouTube's player in an iframe, spoken to by messages: what its IFrame API script does, without that
 * script. Nothing of it is documented but the names of functions and events; the form of the messages has
 * been the same since 2012.
 *
 *     to it      {"event":"listening"}                    tell me what happens
 *                {"event":"command","func":"seekTo","args":[90,true]}
 *     from it    {"event":"infoDelivery","info":{"currentTime":91.2,"playerState":1,"duration":300}}
 *                {"event":"onError","info":150}
 */
const ORIGIN = "https://www.youtube-nocookie.com";

/** What YouTube's numbers of errors mean to somebody who wants to see the video. */
export type Trouble = "refused" | "gone" | "failed" | "silent";

export type Told = {
  seconds?: number;
  duration?: number;
  isPlaying?: boolean;
  trouble?: Trouble;
};

export function embedAddress(youtubeId: string, startSeconds: number) {
  const address = new URL(`/embed/${youtubeId}`, ORIGIN);
  const options = {
    enablejsapi: "1",
    autoplay: "1",
    playsinline: "1",
    rel: "0",
    start: String(Math.floor(startSeconds)),
    origin: location.origin,
  };

  for (const [name, value] of Object.entries(options)) {
    address.searchParams.set(name, value);
  }
  return address.href;
}

function troubleOf(code: unknown): Trouble {
  if (code === 101 || code === 150 || code === 153) {
    return "refused";
  }
  return code === 100 ? "gone" : "failed";
}

const PLAYING = 1;
const BUFFERING = 3;

function read(data: unknown): Told | undefined {
  if (typeof data !== "string" || !data.startsWith("{")) {
    return undefined;
  }
  const said = JSON.parse(data) as { event?: string; info?: unknown };
  if (said.event === "onError") {
    return { trouble: troubleOf(said.info) };
  }
  if (typeof said.info !== "object" || said.info === null) {
    return {};
  }
  const info = said.info as { currentTime?: number; duration?: number; playerState?: number };
  return {
    seconds: info.currentTime,
    duration: info.duration,
    isPlaying:
      info.playerState === undefined
        ? undefined
        : info.playerState === PLAYING || info.playerState === BUFFERING,
  };
}

/** How long a player may take to say its first word once its frame is there. */
const SILENCE_MS = 8000;

/** Speaks with the player in `frame` until it is closed. */
export function converse(frame: HTMLIFrameElement, onTold: (told: Told) => void) {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const send = (message: object) =>
    frame.contentWindow?.postMessage(
      JSON.stringify({ id: 1, channel: "widget", ...message }),
      ORIGIN,
    );
  const command = (func: string, ...args: unknown[]) => send({ event: "command", func, args });

  const onMessage = (event: MessageEvent) => {
    if (event.source === frame.contentWindow && event.origin === ORIGIN) {
      const told = read(event.data);
      if (told) {
        clearTimeout(silence);
        onTold(told);
      }
    }
  };
  const onLoad = () => {
    send({ event: "listening" });
    command("addEventListener", "onError");
    command("addEventListener", "onStateChange");
    silence = setTimeout(() => onTold({ trouble: "silent" }), SILENCE_MS);
  };

  addEventListener("message", onMessage);
  frame.addEventListener("load", onLoad);
  return {
    seek: (seconds: number) => {
      command("seekTo", seconds, true);
      command("playVideo");
    },
    pause: () => command("pauseVideo"),
    close: () => {
      clearTimeout(silence);
      removeEventListener("message", onMessage);
      frame.removeEventListener("load", onLoad);
    },
  };
}
