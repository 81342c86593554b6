import { defineConfig } from "@playwright/test";

/*
 * Debian's Chromium without its windows, which cost a test a third more; as root it must do without
 * its sandbox. One server for each worker of Playwright, and one worker: machines that test have two
 * cores, and the server wants one.
 */
export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: process.env.PAGE_RESULTS ?? "/tmp/page-results",
  reporter: process.env.PAGE_REPORTER ?? "list",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: "/usr/bin/chromium-headless-shell",
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width: 1440, height: 900 },
    serviceWorkers: "block",
  },
  projects: [
    { name: "sqlite", use: { storage: "sqlite" } },
    { name: "postgresql-redis", use: { storage: "postgresql-redis" } },
  ] as never,
});
