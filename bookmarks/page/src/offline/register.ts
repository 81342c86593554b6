/** Once the page is there; a browser offers it where the page comes by HTTPS or from this machine. */
export function registerWorker() {
  if (import.meta.env.PROD && "serviceWorker" in navigator) {
    addEventListener("load", () => {
      const scope = new URL(".", document.baseURI).href;
      /* Without it the page is as good, as long as its server answers. */
      navigator.serviceWorker.register(new URL("sw.js", scope), { scope }).catch(() => undefined);
    });
  }
}
