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

const looks = [
  { theme: "light", width: 1440, height: 900 },
  { theme: "dark", width: 1440, height: 900 },
  { theme: "light", width: 390, height: 844 },
  { theme: "dark", width: 390, height: 844 },
];

type Look = (typeof looks)[number];

/** Sets how the page is looked at; what moves has come to rest. */
async function look(page: Page, { theme, width, height }: Look) {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: theme as "light" | "dark", reducedMotion: "reduce" });
}

async function found(page: Page, what: string) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap((one) =>
    one.nodes.map(
      (node) => `${what}: ${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`,
    ),
  );
}

for (const way of looks) {
  test(`of bookmarks, ${way.theme} at ${way.width}`, async ({ page, make }) => {
    const list = await make.filled("axe", ["jNQXAC9IVRw", "dQw4w9WgXcQ"]);
    const [video] = await make.get<{ id: string }[]>(`api/lists/${list.id}/videos`);
    const [run] = await make.get<{ id: string }[]>(`api/runs?list_id=${list.id}`);
    const wrong: string[] = [];
    await make.post("api/tags", { name: make.name("tag") });

    await look(page, way);
    for (const address of [
      `lists/${list.id}`,
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
      await page.waitForLoadState("networkidle").catch(() => undefined);
      wrong.push(...(await found(page, address)));
    }
    expect(wrong).toEqual([]);
  });

  test(`of the dashboard, ${way.theme} at ${way.width}`, async ({ page, board }) => {
    const wrong: string[] = [];
    const failed = await board.command("barq list --status failed --json");
    const id = (JSON.parse(failed.split("\n")[0] ?? "{}") as { id: string }).id;

    await look(page, way);
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
      await expect(page.getByRole("tabpanel")).not.toBeEmpty();
      if (search.includes("job=")) {
        await expect(page.getByRole("dialog").getByRole("region").first()).toBeVisible();
      }
      wrong.push(...(await found(page, search)));
    }
    expect(wrong).toEqual([]);
  });
}
