import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const source = new URL("./sw.js", import.meta.url);

/** Makes sw.js: it knows all that the page is made of, and which build it is of. */
export function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle)
        .filter((name) => name.startsWith("assets/"))
        .sort();
      const version = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 16);
      this.emitFile({
        type: "asset",
        fileName: "sw.js",
        source: readFileSync(source, "utf8")
          .replace("const FILES = [];", `const FILES = ${JSON.stringify(files)};`)
          .replace('const VERSION = "";', `const VERSION = "${version}";`),
      });
    },
  };
}
