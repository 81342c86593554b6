/*
 * The dashboard, as barq web shows it and as a tab of bookmarks. Each test has a queue of its own name on one
 * broker, so that none sees another's jobs; the worker works on all of them.
 */
import type { Page } from "@playwright/test";
import { test as base, dashboard, expect, Place } from "./server.ts";

const IDS = ["jNQXAC9IVRw", "dQw4w9WgXcQ", "9bZkp7q19f0"];

type Job = { id: string; status: string; error: string | null };

class Board {
  constructor(
    readonly place: Place,
    readonly page: Page,
    readonly queue: string,
  ) {}

  enqueue(text: string) {
    return this.place.command(`barq enqueue --queue ${this.queue} ${text}`);
  }

  async open(search: Record<string, string> = {}) {
    await this.page.goto(
      `${this.place.told.url}?${new URLSearchParams({ queue: this.queue, ...search })}`,
    );
  }

  /** Until the server says so of the job. */
  async until(id: string, status: string) {
    const address = new URL(`api/jobs/${encodeURIComponent(id)}`, this.place.told.url).href;
    await expect
      .poll(async () => ((await (await this.page.request.get(address)).json()) as Job).status, {
        timeout: 30_000,
      })
      .toBe(status);
  }

  row(text: string) {
    return this.page.getByRole("row").filter({ hasText: text });
  }

  async choose(view: string) {
    await this.page.getByRole("tab", { name: view }).click();
  }
}

const test = base.extend<
  { board: Board; busy: Board },
  { still: Place; working: Place; readOnly: Place }
>({
  still: [
    async ({ storage }, use) => {
      const place = await Place.open(dashboard(storage));
      await use(place);
      await place.close();
    },
    { scope: "worker" },
  ],
  working: [
    async ({ storage }, use) => {
      const place = await Place.open(dashboard(storage));
      await place.command("worker --queue busy --executors 3");
      await use(place);
      await place.close();
    },
    { scope: "worker" },
  ],
  readOnly: [
    async ({ storage }, use) => {
      const place = await Place.open([...dashboard(storage), "--", "--read-only"]);
      await use(place);
      await place.close();
    },
    { scope: "worker" },
  ],
  context: async ({ browser }, use) => {
    const context = await browser.newContext();
    await use(context);
    await context.close();
  },
  board: async ({ still, page }, use, info) => {
    await use(new Board(still, page, `q${info.line}`));
  },
  busy: async ({ working, page }, use) => {
    await use(new Board(working, page, "busy"));
  },
});

test("a queue is there with its counts, is paused and goes on", async ({ board, page }) => {
  await board.enqueue("steps 0");
  await board.enqueue("steps 1");
  await board.enqueue("steps 2 --defer-by 1000");

  await board.open();
  const row = page
    .getByRole("region", { name: "Queues" })
    .getByRole("row")
    .filter({ hasText: board.queue });
  await expect(row.getByRole("cell").nth(1)).toHaveText("2");
  await expect(row.getByRole("cell").nth(2)).toHaveText("1");
  await row.getByRole("button", { name: /^Pause/ }).click();
  await expect(row).toContainText("Paused");
  await row.getByRole("button", { name: /^Resume/ }).click();
  await expect(row).not.toContainText("Paused");

  await row.getByRole("button", { name: "2", exact: true }).click();
  await expect(page.getByRole("tab", { name: "Jobs" })).toHaveAttribute("aria-selected", "true");
  await expect(board.row("steps")).toHaveCount(2);
});

test("on a phone no view is wider than the screen", async ({ board, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await board.enqueue("steps 0");
  for (const view of ["overview", "jobs", "functions", "workers", "crons", "limits"]) {
    await board.open({ view });
    await expect(page.getByRole("tabpanel")).not.toBeEmpty();
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth),
      view,
    ).toBeLessThanOrEqual(390);
  }
});

test("what runs is seen with its age and how far it is, and is told to stop", async ({
  busy,
  page,
}) => {
  const id = await busy.enqueue("steps 1000");
  await busy.until(id, "in_progress");

  await busy.open({ view: "jobs", text: id });
  const row = busy.row(id);
  await expect(row).toContainText("Running");
  await expect(row).toContainText(/for \d/);
  await expect(row.getByRole("img", { name: "3 of 4" })).toBeVisible();
  await expect(row).toContainText("step 3");
  await row.getByRole("checkbox").click();
  await page.getByRole("button", { name: "Abort" }).click();
  await expect(row).toContainText("Failed");
  await expect(row).toContainText("abort");
});

test("a failed job tells its error, arguments, log and what happened", async ({ busy, page }) => {
  const id = await busy.enqueue(`broken '"the left boiler"'`);
  await busy.until(id, "failed");

  await busy.open({ view: "jobs", status: "failed", text: "left boiler" });
  await expect(busy.row(id)).toContainText("no pressure in the left boiler");
  await page.getByRole("button", { name: "broken" }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("region", { name: "Error" })).toContainText("no pressure in");
  await expect(sheet.getByRole("region", { name: "Arguments" })).toContainText("the left boiler");
  await expect(sheet.getByRole("region", { name: "Log" })).toContainText("the valve is stuck");
  await expect(sheet.getByText("try 1").first()).toBeVisible();
  await expect(page).toHaveURL(/job=/);

  await sheet.getByRole("button", { name: "Retry" }).click();
  await expect(page.getByText("1 job is in its queue again")).toBeVisible();
  await page.reload();
  await expect(sheet.getByText("Failed", { exact: true }).first()).toBeVisible();
  await sheet.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("1 job deleted")).toBeVisible();
  await expect(sheet).toBeHidden();
  await expect(page.getByText("No such job")).toBeVisible();
});

test("jobs are found by what is typed, and by state and function", async ({ board, page }) => {
  const zebra = await board.enqueue(`steps '"zebra"'`);
  const later = await board.enqueue("broken --defer-by 1000");

  await board.open({ view: "jobs" });
  await expect(board.row("steps")).toHaveCount(1);
  await page.getByRole("searchbox").fill(zebra);
  await expect(board.row(later)).toHaveCount(0);
  await expect(board.row(zebra)).toHaveCount(1);
  await page.getByRole("searchbox").fill("");
  await page.getByRole("combobox", { name: "State" }).click();
  await page.getByRole("option", { name: "Deferred", exact: true }).click();
  await expect(board.row(later)).toHaveCount(1);
  await expect(board.row(zebra)).toHaveCount(0);
  await expect(page).toHaveURL(/status=deferred/);
});

test("several are chosen and deleted, and then all that match", async ({ board, page }) => {
  for (let at = 0; at < 5; at++) {
    await board.enqueue(`steps ${at}`);
  }

  await board.open({ view: "jobs" });
  await expect(board.row("steps")).toHaveCount(5);
  await page
    .getByRole("checkbox", { name: /^Choose [^a]/ })
    .nth(0)
    .click();
  await page
    .getByRole("checkbox", { name: /^Choose [^a]/ })
    .nth(1)
    .click();
  await expect(page.getByText("2 jobs chosen")).toBeVisible();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("2 jobs deleted")).toBeVisible();
  await expect(board.row("steps")).toHaveCount(3);

  await expect(page.getByText("All that match the filter")).toBeVisible();
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("They do not come back.")).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("3 jobs deleted")).toBeVisible();
  await expect(page.getByText("No such job")).toBeVisible();
});

test("many that failed are tried again at once", async ({ busy, page }) => {
  const ids = [await busy.enqueue("broken again"), await busy.enqueue("broken again")];
  for (const id of ids) {
    await busy.until(id, "failed");
  }

  await busy.open({ view: "jobs", function: "broken", status: "failed", text: "in again" });
  await expect(busy.row("in again")).toHaveCount(2);
  await page.getByRole("checkbox", { name: "Choose all on this page" }).click();
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
  await expect(page.getByText("2 jobs are in their queues again")).toBeVisible();
});

test("what goes by the clock is told with its next runs", async ({ busy }) => {
  await busy.open({ view: "crons" });
  await expect(busy.row("nightly")).toContainText("30 4 * * *");
  await expect(busy.row("nightly")).toContainText(/in \d+ (hr|min)/);
});

test("workers are told with their executors, memory, and restarts after a crash", async ({
  busy,
  page,
}) => {
  await busy.until(await busy.enqueue("crash"), "failed");

  await busy.open({ view: "workers" });
  await expect(page.getByText("MiB").first()).toBeVisible();
  const executors = page.getByRole("region", { name: /^Executors of/ }).getByRole("row");
  /* Its head, the three, and the one that hooks run in. */
  await expect(executors).toHaveCount(5);
  await expect
    .poll(async () => {
      const crashes = await executors.locator("td:nth-child(7)").allTextContents();
      return crashes.map(Number).reduce((sum, one) => sum + one, 0);
    })
    .toBeGreaterThan(0);
});

test("limits are told, with what is held by them", async ({ busy, page }) => {
  const [first, second] = [await busy.enqueue("narrow 1000"), await busy.enqueue("narrow 1000")];
  await busy.until(first, "in_progress");

  await busy.open({ view: "limits" });
  const row = busy.row("narrow");
  await expect(row).toContainText("1 at once");
  await expect(row.getByRole("img", { name: "1 of 1" })).toBeVisible();
  await expect(row.getByRole("cell").last()).toHaveText("1");
  await row.getByRole("button", { name: "narrow" }).click();
  await expect(busy.row("narrow")).toHaveCount(2);
  for (const id of [second, first]) {
    await busy.page.request.post(new URL(`api/jobs/${id}/abort`, busy.place.told.url).href, {
      data: {},
    });
  }
  await expect(page.getByText("narrow").first()).toBeVisible();
});

test("functions are told with how often and how long they ran", async ({ busy }) => {
  await busy.until(await busy.enqueue("steps 0"), "complete");

  await busy.open({ view: "functions" });
  await expect(busy.row("steps").getByRole("cell").nth(1)).not.toHaveText("0");
  await expect(busy.row("steps").getByRole("img", { name: "How long they ran" })).toBeVisible();
});

/** How many of a chart's pixels are drawn. */
const drawn = (page: Page, name: string) =>
  page
    .getByRole("figure", { name })
    .locator("canvas")
    .evaluate((canvas: HTMLCanvasElement) => {
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels ? pixels.filter((value, at) => at % 4 === 3 && value > 0).length : 0;
    });

test("how it went is drawn over time", async ({ busy, page }) => {
  await busy.open();
  for (const name of [
    "Attempts a second",
    "How long they waited and ran",
    "Jobs that wait, and the dead",
  ]) {
    await expect.poll(() => drawn(page, name)).toBeGreaterThan(1000);
  }
  await page.getByRole("button", { name: "24 hours" }).click();
  await expect(page.getByRole("button", { name: "24 hours" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
});

test("whoever may only look is shown nothing to press", async ({ readOnly, page }) => {
  const id = await readOnly.command("barq enqueue --queue looked steps 1");

  await page.goto(readOnly.told.url);
  await expect(page.getByText("Read only")).toBeVisible();
  await expect(page.getByRole("region", { name: "Queues" })).toContainText("looked");
  await expect(page.getByRole("button", { name: /^Pause/ })).toHaveCount(0);
  await page.goto(`${readOnly.told.url}?view=jobs&status=queued`);
  await expect(page.getByRole("row").filter({ hasText: id })).toBeVisible();
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await page.getByRole("button", { name: "steps" }).click();
  await expect(page.getByRole("dialog").getByRole("region", { name: "Arguments" })).toBeVisible();
  for (const name of ["Retry", "Abort", "Delete"]) {
    await expect(page.getByRole("button", { name })).toHaveCount(0);
  }
});

base(
  "in bookmarks the queue is a tab, with the jobs that fill the lists",
  async ({ page, make }) => {
    await make.filled("queued", IDS);

    await page.goto("");
    await page.getByRole("link", { name: "Queue" }).click();
    await expect(page).toHaveURL(/\/queue/);
    await expect(page.getByRole("region", { name: "Queues" }).getByRole("row")).not.toHaveCount(0);
    await page.getByRole("tab", { name: "Jobs" }).click();
    await expect(page.getByRole("row").filter({ hasText: "Complete" }).first()).toBeVisible();
    await page.getByRole("tab", { name: "Workers" }).click();
    await expect(page.getByRole("region", { name: /^Executors of/ })).toBeVisible();
  },
);
