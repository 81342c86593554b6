/*
 * What a run of 1,000 videos costs the server when it is looked at, beside what it costs when nobody looks.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Browser } from "@playwright/test";
import { expect, test } from "./server.ts";

const VIDEOS = 1000;
const TABS = 2;
const MAX_PART_OF_CORE = 0.05;
const TICKS_A_SECOND = 100; /* of /proc, on every Linux that we know */

/** Seconds of a core that a process and all below it have had. */
function spent(pid: number): number {
  const stats = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, "utf8");
        const words = text.slice(text.lastIndexOf(")") + 2).split(" ");
        /* Its own time, and that of its children that have ended. */
        const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(words[at]), 0);
        return [{ pid: Number(name), parent: Number(words[1]), ticks }];
      } catch {
        return []; /* it has ended just now */
      }
    });
  const below = (id: number): number =>
    stats
      .filter((one) => one.pid === id || one.parent === id)
      .reduce((sum, one) => sum + (one.pid === id ? one.ticks : below(one.pid)), 0);

  return below(pid) / TICKS_A_SECOND;
}

async function openTab(browser: Browser, address: string) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();

  await page.goto(address);
  await expect(page.locator("[data-row]").first()).toBeVisible();
  return { page, context };
}

test("a run of 1,000 videos costs the server under 5 % of a core a tab", async ({
  browser,
  make,
  place,
}) => {
  test.setTimeout(400_000);
  const runOf = async (tabs: number, prefix: string) => {
    const list = await make.list("live");
    const ids = Array.from({ length: VIDEOS }, (_, at) => prefix + String(at).padStart(8, "0"));
    await make.import(list.id, ids.join("\n"), false);
    const open = await Promise.all(
      Array.from({ length: tabs }, () => openTab(browser, `${place.told.url}lists/${list.id}`)),
    );

    const before = spent(place.told.pid);
    const from = performance.now();
    const run = await make.post<{ job_id: string }>(`api/lists/${list.id}/process`, {});
    await make.finished(run.job_id);
    const seconds = (performance.now() - from) / 1000;
    const cores = spent(place.told.pid) - before;
    for (const { page, context } of open) {
      await expect(page.locator('[data-row="0"] [data-column=status]')).toContainText("Done");
      await context.close();
    }
    return { seconds, cores };
  };

  await runOf(0, "wrm"); /* the first one of all fills caches */
  const alone = await runOf(0, "aln");
  const watched = await runOf(TABS, "wtc");
  const part = (watched.cores - alone.cores) / TABS / watched.seconds;
  process.stdout.write(
    `# alone ${alone.cores.toFixed(2)} s of a core in ${alone.seconds.toFixed(1)} s; with ${TABS} tabs ${watched.cores.toFixed(2)} s in ${watched.seconds.toFixed(1)} s: ${(100 * part).toFixed(1)} % of a core a tab\n`,
  );
  expect(part).toBeLessThan(MAX_PART_OF_CORE);
});
