/* Makes the pictures that `pictures` is for; PICTURES is the folder. */
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { dashboard, expect, Place, test } from "./server.ts";

const folder = process.env.PICTURES ?? "/tmp/pictures";
const sizes = [
  [1440, 900],
  [820, 1100],
  [390, 844],
] as const;

async function take(page: Page, name: string, address: string) {
  for (const [width, height] of sizes) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(address);
      await expect(page.locator("main")).not.toBeEmpty();
      await page.waitForLoadState("load");
      await page.screenshot({ path: path.join(folder, `${name}-${width}-${colorScheme}.png`) });
    }
  }
}

test("bookmarks", async ({ page, make, place }) => {
  const list = await make.list("Talks");
  const sample = fileURLToPath(new URL("../../examples/sample-list.csv", import.meta.url));
  await place.command(`import ${sample} ${list.name.replace(" ", "-")} --no-process`);
  const lists = await make.get<{ id: string; video_count: number }[]>("api/lists");
  const full = lists.find((one) => one.video_count > 0)?.id;
  const [video] = await make.get<{ id: string }[]>(`api/lists/${full}/videos`);

  for (const [name, address] of [
    ["list", `lists/${full}`],
    ["video", `lists/${full}?video=${video?.id}`],
    ["cards", `lists/${full}?layout=cards`],
    ["fields", `lists/${full}/fields`],
    ["statistics", `lists/${full}/statistics`],
    ["runs", "runs"],
    ["tags", "tags"],
    ["settings", "settings"],
    ["queue", "queue"],
  ] as const) {
    await take(page, name, address);
  }
});

test("the dashboard", async ({ browser }) => {
  const place = await Place.open(dashboard("sqlite"));
  const page = await browser.newPage();
  const run = (command: string) => place.command(command);

  await run("worker --executors 3");
  for (let at = 0; at < 40; at++) {
    await run(`barq enqueue ${at % 9 === 4 ? "broken" : "steps"} 0`);
  }
  await run("barq enqueue crash --wait");
  await run("barq enqueue narrow 1000");
  await run("barq enqueue narrow 1000");
  await run("barq enqueue steps 1000");
  await run("barq enqueue steps 1 --defer-by 5000");
  const failed = await run("barq list --status failed --json");
  const id = (JSON.parse(failed.split("\n")[0] ?? "{}") as { id?: string }).id;
  for (const [name, search] of [
    ["overview", ""],
    ["jobs", "?view=jobs"],
    ["job", `?view=jobs&job=${id}`],
    ["functions", "?view=functions"],
    ["workers", "?view=workers"],
    ["crons", "?view=crons"],
    ["limits", "?view=limits"],
  ] as const) {
    await take(page, `dashboard-${name}`, place.told.url + search);
  }
  await page.close();
  await place.close();
});
