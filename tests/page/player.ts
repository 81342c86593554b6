import type { Page } from "@playwright/test";

/* As much of YouTube's player as the page speaks with: it plays at once, one second each time it is asked. */
const embed = `<!doctype html><title>player</title><p id="at"></p><script>
  const start = Number(new URL(location.href).searchParams.get("start"));
  let seconds = start;
  const tell = (message) => parent.postMessage(JSON.stringify(message), "*");
  const info = (more) => {
    document.getElementById("at").textContent = "at " + seconds;
    tell({ event: "infoDelivery", info: { currentTime: seconds, duration: 600, ...more } });
  };
  addEventListener("message", (event) => {
    const said = JSON.parse(event.data);
    if (said.event === "listening") {
      tell({ event: "initialDelivery", info: { currentTime: seconds, duration: 600 } });
      info({ playerState: 1 });
    }
    if (said.func === "seekTo") { seconds = said.args[0]; info({ playerState: 1 }); }
    if (said.func === "addEventListener" && said.args[0] === "onError" && window.broken) {
      tell({ event: "onError", info: window.broken });
    }
  });
  addEventListener("play-to", (event) => { seconds = event.detail; info({ playerState: 1 }); });
  addEventListener("pause", () => info({ playerState: 2 }));
</script>`;

/** A player in YouTube's place, which counts how often it was loaded; `error`: what it refuses with. */
export async function fakePlayer(page: Page, error?: number) {
  const loads: string[] = [];

  await page.route(
    (url) => url.hostname === "www.youtube-nocookie.com",
    (route) => {
      loads.push(route.request().url());
      return route.fulfill({
        contentType: "text/html",
        body: error ? embed.replace("let seconds", `window.broken = ${error}; let seconds`) : embed,
      });
    },
  );
  const frame = page.frameLocator("iframe");
  return {
    loads,
    frame,
    /** Plays on until `seconds`. */
    playTo: (seconds: number) =>
      frame
        .locator("body")
        .evaluate(
          (_body, to) => window.dispatchEvent(new CustomEvent("play-to", { detail: to })),
          seconds,
        ),
    pause: () =>
      frame.locator("body").evaluate(() => window.dispatchEvent(new CustomEvent("pause"))),
  };
}
