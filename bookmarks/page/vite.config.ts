import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { serviceWorker } from "./src/offline/plugin.ts";

/* Relative, since the server says in <base> below which path all of this is. */
export default defineConfig({
  base: "./",
  plugins: [react(), tailwindcss(), serviceWorker()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      /* An icon does nothing by being there, so it may be in whichever chunk is small. */
      treeshake: { manualPureFunctions: ["createLucideIcon"] },
      output: {
        experimentalMinChunkSize: 5_000,
      },
    },
  },
  /* `npx vite` in this folder, beside `bookmarks serve`: BOOKMARKS=http://127.0.0.1:8460 */
  server: {
    proxy: Object.fromEntries(
      ["/api", "/docs", "/queue/api"].map((path) => [
        path,
        /* It keeps the Host: the server takes changes from its own page only. */
        { target: process.env.BOOKMARKS ?? "http://127.0.0.1:8460", changeOrigin: false },
      ]),
    ),
  },
});
