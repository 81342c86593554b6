/*
 * axe finds nothing: on every page of bookmarks and on every view of the dashboard, by day and by night, on a desk
 * and on a phone.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { test as base, dashboard, expect, Place } from "./server.ts";

const test = base.extend<object, { board: Place }>({
  board: [
    async ({ storage }, use) => {
      const board = await Place.open(dashboard(storage));
      await board.command("worker --executors 2");
      await board.command("barq enqueue steps 0 --wait");
      await board.command("barq enqueue broken --wait");
      await board.command("barq enqueue narrow 1000");
      await board.command("barq enqueue narrow 1000");
      await board.command("barq enqueue steps 0 --defer-by 1000");
      await use(board);
      await board.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

/** What axe finds by day, and by night, which changes nothing but colours. */
async function found(page: Page, what: string) {
  const wrong: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    const axe = new AxeBuilder({ page });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    if (colorScheme === "dark") {
      await expect(page.locator("html")).toHaveClass(/dark/);
      axe.withRules(["color-contrast"]);
    }
    for (const one of (await axe.analyze()).violations) {
      for (const node of one.nodes) {
        wrong.push(`${what}, ${colorScheme}: ${one.id}: ${node.html.slice(0, 200)}`);
      }
    }
  }
  return wrong;
}

for (const [width, height] of [
  [1440, 900],
  [390, 844],
] as const) {
  test(`of bookmarks, at ${width}`, async ({ page, make }) => {
    test.setTimeout(180_000);
    const list = await make.filled("axe", ["jNQXAC9IVRw", "dQw4w9WgXcQ"]);
    const [video] = await make.get<{ id: string }[]>(`api/lists/${list.id}/videos`);
    const [run] = await make.get<{ id: string }[]>(`api/runs?list_id=${list.id}`);
    const wrong: string[] = [];
    await make.post("api/tags", { name: make.name("tag") });

    await page.setViewportSize({ width, height });
    for (const address of [
      `lists/${list.id}?layout=table`,
      `lists/${list.id}?layout=cards`,
      `lists/${list.id}?video=${video?.id}`,
      `lists/${list.id}/fields`,
      `lists/${list.id}/statistics`,
      "videos",
      "runs",
      `runs/${run?.id}`,
      "tags",
      "channels",
      "subscriptions",
      "settings",
      "queue",
      "nowhere",
    ]) {
      await page.goto(address);
      await expect(page.locator("main")).not.toBeEmpty();
      if (address.includes("layout")) {
        await page.locator("[data-select] input").first().click();
        await expect(page.getByText("1 selected")).toBeVisible();
      }
      wrong.push(...(await found(page, address)));
    }
    expect(wrong).toEqual([]);
  });

  test(`of the dashboard, at ${width}`, async ({ browser, board }) => {
    test.setTimeout(120_000);
    const wrong: string[] = [];
    const failed = await board.command("barq list --status failed --json");
    const id = (JSON.parse(failed.split("\n")[0] ?? "{}") as { id: string }).id;
    const context = await browser.newContext({ viewport: { width, height } });
    const page = await context.newPage();

    for (const search of [
      "",
      "?view=jobs",
      "?view=jobs&status=queued&text=nothing",
      `?view=jobs&job=${id}`,
      "?view=functions",
      "?view=workers",
      "?view=crons",
      "?view=limits",
    ]) {
      await page.goto(`${board.told.url}${search}`);
      await expect(page.locator("[role=tabpanel][data-state=active]")).not.toBeEmpty();
      if (search.includes("job=")) {
        await expect(page.getByRole("dialog").getByRole("region").first()).toBeVisible();
      }
      wrong.push(...(await found(page, search)));
    }
    expect(wrong).toEqual([]);
    await context.close();
  });
}
