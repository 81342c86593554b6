/* Makes the pictures that `pictures` is for; PICTURES is the folder. */
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { dashboard, expect, Place, test } from "./server.ts";
import { wholeExport } from "./whole.ts";

const folder = process.env.PICTURES ?? "/tmp/pictures";
const sizes = [
  [1440, 900],
  [820, 1100],
  [390, 844],
] as const;

/* YouTube is not asked: each video has a colour of its own, so that one sees where pictures are. */
function thumbnail(address: string) {
  let hue = 0;
  for (const letter of address) {
    hue = (hue * 31 + letter.charCodeAt(0)) % 360;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect width="320" height="180"
    fill="hsl(${hue} 35% 42%)"/><circle cx="250" cy="150" r="110" fill="hsl(${hue + 40} 45% 55%)"/>
    <circle cx="60" cy="30" r="70" fill="hsl(${hue + 320} 40% 35%)"/></svg>`;
}

async function drawThumbnails(page: Page) {
  await page.route(/ytimg\.com|ggpht\.com/, (route) =>
    route.fulfill({ contentType: "image/svg+xml", body: thumbnail(route.request().url()) }),
  );
}

/** Until all that was asked has been answered, but for the stream of events, and is painted. */
function settled(page: Page) {
  const open = new Set<unknown>();

  page.on("request", (one) => !/\/events/.test(one.url()) && open.add(one));
  page.on("requestfinished", (one) => open.delete(one));
  page.on("requestfailed", (one) => open.delete(one));
  return async () => {
    await expect.poll(() => open.size).toBe(0);
    await page.evaluate(async () => {
      await document.fonts.ready;
      for (let frame = 0; frame < 3; frame++) {
        await new Promise(requestAnimationFrame);
      }
    });
    await expect.poll(() => open.size).toBe(0);
  };
}

type Shown = { name: string; address: string; act?: (page: Page) => Promise<void> };

async function take(page: Page, shown: Shown[]) {
  const ready = settled(page);

  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    for (const { name, address, act } of shown) {
      await page.goto(address);
      await expect(page.locator("main")).not.toBeEmpty();
      await ready();
      await act?.(page);
      await ready();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.screenshot({ path: path.join(folder, `${name}-${width}-${colorScheme}.png`) });
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(wide, `${name} at ${width}: nothing sticks out`).toBeLessThanOrEqual(width);
    }
  }
}

test("bookmarks, with nothing in it", async ({ page, make }) => {
  await take(page, [{ name: "first", address: "" }]);
  const list = await make.post<{ id: string }>("api/lists", { name: "Reading", template: "none" });
  await take(page, [
    { name: "empty-list", address: `lists/${list.id}` },
    { name: "empty-fields", address: `lists/${list.id}/fields` },
    { name: "empty-runs", address: "runs" },
    { name: "empty-tags", address: "tags" },
    { name: "empty-channels", address: "channels" },
    { name: "empty-subscriptions", address: "subscriptions" },
  ]);
});

test("bookmarks", async ({ page, make, place }) => {
  const sample = fileURLToPath(new URL("../../examples/sample-list.csv", import.meta.url));
  await drawThumbnails(page);
  await place.command(`import ${sample} "Sample talks"`);
  const [run] = await make.get<{ id: string }[]>("api/runs");
  await make.finished(run?.id ?? "");
  const lists = await make.get<{ id: string; name: string }[]>("api/lists");
  const full = lists.find((one) => one.name === "Sample talks")?.id ?? "";
  const videos = await make.get<{ id: string }[]>(`api/lists/${full}/videos`);
  for (const [at, names] of [["to watch"], ["favourite", "to watch"], ["for the team"]].entries()) {
    await make.post(`api/videos/${videos[at]?.id}/tags`, { names });
  }
  const zoo = await make.post<{ id: string }>("api/lists", { name: "Zoo", template: "none" });
  await make.import(zoo.id, wholeExport("Elephants and their trunks"), false);
  const [whole] = await make.get<{ id: string }[]>(`api/lists/${zoo.id}/videos`);
  await make.post(`api/videos/${whole?.id}/notes`, { text: "A fine summary", at_seconds: 95 });
  await make.post("api/subscriptions", {
    list_id: full,
    kind: "playlist",
    target: "PLgone0123456",
    name: "PyCon talks of the year",
  });

  await take(page, [
    { name: "list", address: `lists/${full}` },
    { name: "search", address: `lists/${full}?q=${encodeURIComponent("dur:>30m kind:talk")}` },
    { name: "none-found", address: `lists/${full}?q=nobodysaidso` },
    { name: "video", address: `lists/${full}?video=${videos[1]?.id}` },
    { name: "whole", address: `lists/${zoo.id}?video=${whole?.id}` },
    {
      name: "transcript",
      address: `lists/${zoo.id}?video=${whole?.id}`,
      act: (on) => on.getByRole("tab", { name: "Transcript" }).click(),
    },
    {
      name: "notes",
      address: `lists/${zoo.id}?video=${whole?.id}`,
      act: (on) => on.getByRole("tab", { name: "Notes" }).click(),
    },
    {
      name: "about",
      address: `lists/${zoo.id}?video=${whole?.id}`,
      act: (on) => on.getByRole("tab", { name: "About" }).click(),
    },
    {
      name: "selected",
      address: `lists/${full}`,
      act: async (on) => {
        await on.getByRole("option").or(on.getByRole("row")).nth(2).hover();
        await on.keyboard.press("j");
        await on.keyboard.press("x");
        await on.keyboard.press("j");
        await on.keyboard.press("x");
      },
    },
    {
      name: "filter",
      address: `lists/${full}`,
      act: (on) => on.getByRole("button", { name: "Filter" }).click(),
    },
    { name: "cards", address: `lists/${full}?layout=cards` },
    { name: "videos", address: "videos" },
    { name: "fields", address: `lists/${full}/fields` },
    {
      name: "field",
      address: `lists/${full}/fields`,
      act: (on) => on.getByRole("button", { name: "Edit Topics" }).click(),
    },
    { name: "statistics", address: `lists/${full}/statistics` },
    { name: "runs", address: "runs" },
    { name: "run", address: `runs/${run?.id}` },
    { name: "tags", address: "tags" },
    { name: "channels", address: "channels" },
    { name: "subscriptions", address: "subscriptions" },
    { name: "settings", address: "settings" },
    {
      name: "keys",
      address: `lists/${full}`,
      act: (on) => on.keyboard.press("?"),
    },
    { name: "queue", address: "queue" },
  ]);
});

test("the dashboard", async ({ browser }) => {
  const place = await Place.open(dashboard("sqlite"));
  const page = await browser.newPage();
  const run = (command: string) => place.command(command);
  await take(
    page,
    ["overview", "jobs", "functions", "workers", "crons", "limits"].map((view) => ({
      name: `empty-dashboard-${view}`,
      address: `${place.told.url}?view=${view}`,
    })),
  );

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

  await take(page, [
    ...["overview", "jobs", "functions", "workers", "crons", "limits"].map((view) => ({
      name: `dashboard-${view}`,
      address: `${place.told.url}?view=${view}`,
    })),
    { name: "dashboard-job", address: `${place.told.url}?view=jobs&job=${id}` },
    {
      name: "dashboard-selected",
      address: `${place.told.url}?view=jobs`,
      act: (on) => on.getByRole("checkbox").nth(2).click(),
    },
  ]);
  await page.close();
  await place.close();
});
