import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/* `npx vite` in this folder, beside `barq web`: BARQ_WEB=http://127.0.0.1:8470 */
export default defineConfig({
  base: "./",
  plugins: [react(), tailwindcss()],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": process.env.BARQ_WEB ?? "http://127.0.0.1:8470" } },
});
