import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

/* What `pictures` runs: no test, so `run` does not see it. */
export default defineConfig({
  ...tests,
  testMatch: "pictures.ts",
  timeout: 600_000,
  projects: [tests.projects?.[0] ?? {}],
});
