import { writeFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "./server.ts";

const IDS = [
  "jNQXAC9IVRw",
  "dQw4w9WgXcQ",
  "aaaaaaaaaa1",
  "aaaaaaaaaa2",
  "aaaaaaaaaa3",
  "aaaaaaaaaa4",
];

type Video = {
  id: string;
  title: string;
  watched_at: string | null;
  tags: { name: string }[];
  fields: Record<string, { value: unknown; source: string }>;
};

const rows = (page: Page) => page.locator("[data-row]");
const row = (page: Page, at: number) => page.locator(`[data-row="${at}"]`);
const cell = (page: Page, at: number, column: string) =>
  row(page, at).locator(`[data-column="${column}"]`);
const twoFrames = (page: Page) =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
const check = (page: Page, at: number) => row(page, at).locator("[data-select]");

test("a list is renamed where its name stands", async ({ page, make }) => {
  const list = await make.list("talks");
  const name = make.name("renamed");

  await page.goto(`lists/${list.id}`);
  await page.getByLabel("Name of the list").fill(name);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name })).toBeVisible();
});

test("an empty list says how to begin", async ({ page, make }) => {
  const list = await make.list("empty");

  await page.goto(`lists/${list.id}`);
  await expect(page.getByText("No videos yet")).toBeVisible();
});

test("a column's head sorts, and the address says so", async ({ page, make }) => {
  const list = await make.filled("sorted", IDS);
  const byTitle = await make.get<Video[]>(`api/lists/${list.id}/videos?sort=-title`);

  await page.goto(`lists/${list.id}`);
  await expect(rows(page)).toHaveCount(IDS.length);
  const head = page.getByRole("columnheader", { name: "Title" });
  await head.getByRole("button").click();
  await expect(head).toHaveAttribute("aria-sort", "ascending");
  await head.getByRole("button").click();
  await expect(page).toHaveURL(/sort=-title/);
  await expect(cell(page, 0, "title")).toHaveText(byTitle[0]?.title ?? "");
});

test("a search narrows the table while it is typed", async ({ page, make }) => {
  const list = await make.list("searched");
  await make.import(list.id, IDS.join("\n"), false);

  await page.goto(`lists/${list.id}`);
  await expect(rows(page)).toHaveCount(IDS.length);
  await page.keyboard.press("/");
  await page.keyboard.type("is:pen");
  await page.getByRole("option", { name: "is:pending" }).click();
  await expect(page).toHaveURL(/q=is%3Apending|q=is:pending/);
  await expect(rows(page)).toHaveCount(IDS.length);
  await page.getByRole("combobox", { name: "Search and filter" }).fill("is:failed");
  await expect(page.getByText("Nothing fits")).toBeVisible();
});

test("a query that cannot be says where, and what there is", async ({ page, make }) => {
  const list = await make.list("wrong");
  await make.import(list.id, IDS.join("\n"), false);

  await page.goto(`lists/${list.id}?q=tag:a%20is:nix`);
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("is:nix");
  await expect(alert).toContainText("failed, pending");
});

test("a filter is put together with the mouse, and taken away as a chip", async ({
  page,
  make,
}) => {
  const list = await make.list("filtered");
  await make.import(list.id, IDS.join("\n"), false);

  await page.goto(`lists/${list.id}`);
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("combobox", { name: "Value" }).click();
  await page.getByRole("option", { name: "Failed", exact: true }).click();
  await page.getByRole("button", { name: "Add filter" }).click();
  await expect(page.getByText("Nothing fits")).toBeVisible();
  await page.getByRole("button", { name: "Remove the filter is:failed" }).click();
  await expect(rows(page)).toHaveCount(IDS.length);
});

test("a value is edited in its cell by keys, and taken back", async ({ page, make }) => {
  const list = await make.filled("edited", IDS);
  const levelOf = async () => {
    const videos = await make.get<Video[]>(`api/lists/${list.id}/videos`);
    return videos[0]?.fields.level?.value;
  };
  const before = await levelOf();

  await page.goto(`lists/${list.id}`);
  await expect(rows(page)).toHaveCount(IDS.length);
  await page.keyboard.press("j");
  await page.keyboard.press("e");
  await page.keyboard.type("advanced");
  await page.keyboard.press("Enter");
  await expect(cell(page, 0, "field:level")).toContainText("advanced");
  await expect.poll(levelOf).toBe("advanced");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(levelOf).toBe(before);
});

test("Tab goes on to the next cell, Escape leaves it as it was", async ({ page, make }) => {
  const list = await make.filled("tabbed", IDS.slice(0, 2), { template: "talks" });

  await page.goto(`lists/${list.id}`);
  await cell(page, 0, "title").click({ position: { x: 4, y: 4 } });
  await page.keyboard.press("e");
  const title = page.getByRole("textbox", { name: "Title" });
  await title.fill("My own title");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("combobox", { name: "Tags" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(cell(page, 0, "title")).toHaveText("My own title");
  await page.reload();
  await expect(cell(page, 0, "title")).toHaveText("My own title");
});

test("an edit that is refused is rolled back, in words", async ({ page, make }) => {
  const list = await make.filled("refused", IDS.slice(0, 2));

  await page.goto(`lists/${list.id}`);
  const before = await cell(page, 0, "title").textContent();
  await page.route("**/api/videos/*", (route) =>
    route.fulfill({
      status: 422,
      contentType: "application/problem+json",
      json: { code: "invalid", detail: "This title is too long" },
    }),
  );
  await cell(page, 0, "title").click({ position: { x: 4, y: 4 } });
  await page.keyboard.press("e");
  await page.getByRole("textbox", { name: "Title" }).fill("Another");
  await page.keyboard.press("Enter");
  await expect(page.getByText("This title is too long")).toBeVisible();
  await expect(cell(page, 0, "title")).toHaveText(before ?? "");
});

test("what is refused takes nothing else back with it", async ({ page, make }) => {
  const list = await make.filled("beside", IDS.slice(0, 1));
  const [video] = await make.get<Video[]>(`api/lists/${list.id}/videos`);
  let refuse = () => {};
  const isHeld = new Promise<void>((resolve) => {
    refuse = resolve;
  });

  await page.route("**/api/videos/*", async (route) => {
    if (!route.request().postData()?.includes('"title"')) {
      await route.continue();
      return;
    }
    await isHeld;
    await route.fulfill({
      status: 422,
      contentType: "application/problem+json",
      json: { code: "invalid", detail: "This title is too long" },
    });
  });
  await page.goto(`lists/${list.id}`);
  const before = await cell(page, 0, "title").textContent();
  await cell(page, 0, "title").click({ position: { x: 4, y: 4 } });
  await page.keyboard.press("e");
  await page.getByRole("textbox", { name: "Title" }).fill("Another");
  await page.keyboard.press("Enter");
  await expect(cell(page, 0, "title")).toHaveText("Another");

  /* Meanwhile. */
  const level = cell(page, 0, "field:level");
  await level.click({ position: { x: 4, y: 4 } });
  await page.keyboard.press("e");
  await page.keyboard.type("advanced");
  await page.keyboard.press("Enter");
  await expect(level).toContainText("advanced");
  refuse();
  await expect(page.getByText("This title is too long")).toBeVisible();
  await expect(cell(page, 0, "title")).toHaveText(before ?? "");
  await expect(level).toContainText("advanced");
  await expect
    .poll(async () => (await make.get<Video>(`api/videos/${video?.id}`)).fields.level?.value)
    .toBe("advanced");
});

test("Escape in the tags' editor saves nothing", async ({ page, make }) => {
  const list = await make.filled("escaped", IDS.slice(0, 1), { template: "talks" });
  const [video] = await make.get<Video[]>(`api/lists/${list.id}/videos`);
  const tag = make.name("unwanted");
  const written: string[] = [];

  page.on("request", (request) => {
    if (request.method() !== "GET") {
      written.push(request.url());
    }
  });
  await page.goto(`lists/${list.id}`);
  await cell(page, 0, "tags").click({ position: { x: 4, y: 4 } });
  await page.keyboard.press("e");
  await page.getByRole("combobox", { name: "Tags" }).fill(tag);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("option", { name: tag })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("combobox", { name: "Tags" })).toBeHidden();
  await expect(cell(page, 0, "tags")).toBeEmpty();

  /* The keys are the table's again, and what they ask for comes after what Escape might have. */
  await page.keyboard.press("w");
  await expect
    .poll(async () => (await make.get<Video>(`api/videos/${video?.id}`)).watched_at)
    .not.toBeNull();
  expect(written).toHaveLength(1);
  expect((await make.get<Video>(`api/videos/${video?.id}`)).tags).toEqual([]);
});

test("j and k move, x selects, w has watched, Enter opens beside the list", async ({
  page,
  make,
}) => {
  const list = await make.filled("keys", IDS);
  const videos = await make.get<Video[]>(`api/lists/${list.id}/videos`);

  await page.goto(`lists/${list.id}`);
  await expect(rows(page)).toHaveCount(IDS.length);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await expect(row(page, 1)).toHaveAttribute("data-focused", "true");
  await page.keyboard.press("x");
  await expect(row(page, 1)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("w");
  await expect
    .poll(async () => (await make.get<Video>(`api/videos/${videos[1]?.id}`)).watched_at)
    .not.toBeNull();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`video=${videos[1]?.id}`));
});

test("a range is selected with Shift, and then all that match are tagged", async ({
  page,
  make,
}) => {
  const list = await make.filled("ranges", IDS);
  const tag = make.name("later");

  await page.goto(`lists/${list.id}`);
  await check(page, 1).click();
  await check(page, 3).click({ modifiers: ["Shift"] });
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.getByRole("button", { name: `Select all ${IDS.length} matching` }).click();
  await expect(page.getByText(`${IDS.length} selected`)).toBeVisible();

  const bar = page.getByRole("toolbar", { name: "What to do with the selection" });
  await bar.getByRole("button", { name: "Tags" }).click();
  await page.getByRole("menuitem", { name: "Give tags" }).click();
  await page.getByRole("button", { name: "Which tags?" }).click();
  await page.keyboard.type(tag);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  /* The box says what it is for and what is in it, and has the focus again. */
  await expect(page.getByRole("button", { name: `Which tags? ${tag}` })).toBeFocused();
  await page.getByRole("button", { name: "Give", exact: true }).click();
  await expect(page.getByText(`${IDS.length} videos tagged`)).toBeVisible();
  await expect(cell(page, 5, "tags")).toContainText(tag);
});

test("what is deleted is out of sight at once, and back when it is undone", async ({
  page,
  make,
}) => {
  const list = await make.filled("deleted", IDS);

  await page.goto(`lists/${list.id}`);
  const second = await cell(page, 1, "title").textContent();
  await check(page, 0).click();
  await page.keyboard.press("#");
  await expect(rows(page)).toHaveCount(IDS.length - 1);
  await expect(cell(page, 0, "title")).toHaveText(second ?? "");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(rows(page)).toHaveCount(IDS.length);
});

test("of two deletions each is undone, or done, by itself", async ({ page, make }) => {
  const list = await make.filled("twice", IDS);
  const [first, second, third] = await make.get<Video[]>(`api/lists/${list.id}/videos`);
  const asked: string[] = [];
  let release = () => {};
  const isHeld = new Promise<void>((resolve) => {
    release = resolve;
  });

  /* The second deletion is on its way until the first one is done, and seen to be. */
  await page.route("**/api/videos/*", async (route) => {
    if (route.request().method() === "DELETE") {
      asked.push(route.request().url());
      if (
        route
          .request()
          .url()
          .includes(second?.id ?? "")
      ) {
        await isHeld;
      }
    }
    await route.continue();
  });
  await page.goto(`lists/${list.id}`);
  await expect(rows(page)).toHaveCount(IDS.length);
  await page.keyboard.press("j");
  await page.keyboard.press("#");
  await expect(rows(page)).toHaveCount(IDS.length - 1);
  await page.keyboard.press("#");
  await expect(rows(page)).toHaveCount(IDS.length - 2);
  await page.keyboard.press("#");
  await expect(rows(page)).toHaveCount(IDS.length - 3);

  await page.getByRole("button", { name: "Undo" }).first().click();
  await expect(rows(page)).toHaveCount(IDS.length - 2);
  await expect(cell(page, 0, "title")).toHaveText(third?.title ?? "");

  const refetched = page.waitForResponse(
    async (answer) =>
      /videos\?.*offset=0/.test(answer.url()) &&
      !(await answer.text()).includes(`"${first?.id}"`) &&
      !answer.url().includes("count"),
  );
  await expect
    .poll(async () => (await make.get<Video[]>(`api/lists/${list.id}/videos`)).length)
    .toBe(IDS.length - 1);
  await refetched;
  await expect.poll(() => asked.length).toBe(2);
  await twoFrames(page);
  await expect(rows(page)).toHaveCount(IDS.length - 2);
  await expect(cell(page, 0, "title")).toHaveText(third?.title ?? "");
  release();
  await expect
    .poll(async () => (await make.get<Video[]>(`api/lists/${list.id}/videos`)).length)
    .toBe(IDS.length - 2);
  await expect(rows(page)).toHaveCount(IDS.length - 2);
});

test("columns are hidden and made wider, and stay so", async ({ page, make }) => {
  const list = await make.filled("columns", IDS.slice(0, 2));

  await page.goto(`lists/${list.id}`);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Channel" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("columnheader", { name: "Channel" })).toBeHidden();

  const width = page.getByRole("separator", { name: "Width of Title" });
  const before = Number(await width.getAttribute("aria-valuenow"));
  await width.focus();
  await page.keyboard.press("ArrowRight");
  await expect(width).toHaveAttribute("aria-valuenow", String(before + 16));
  await page.reload();
  await expect(width).toHaveAttribute("aria-valuenow", String(before + 16));
  await expect(page.getByRole("columnheader", { name: "Channel" })).toBeHidden();
});

test("a view is saved, come back to, and deleted", async ({ page, make }) => {
  const list = await make.filled("views", IDS);
  const name = make.name("failed ones");

  await page.goto(`lists/${list.id}?q=is:failed&sort=-title`);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("textbox", { name: "Save as a new view" }).fill(name);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: `View: ${name}` })).toBeVisible();

  await page.goto(`lists/${list.id}`);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("button", { name, exact: true }).click();
  await expect(page).toHaveURL(/q=is(%3A|:)failed/);
  await page.getByRole("button", { name: `View: ${name}` }).click();
  await page.getByRole("button", { name: "Delete the view" }).click();
  await expect(page.getByText(`View ${name} deleted`)).toBeVisible();
});

test("while a run goes on, rows fill themselves", async ({ page, make }) => {
  test.slow();
  const list = await make.list("live");
  const import_ = await make.import(list.id, IDS.join("\n"), false);
  expect(import_.run_id).toBeNull();

  await page.goto(`lists/${list.id}`);
  await expect(rows(page)).toHaveCount(IDS.length);
  await expect(cell(page, 0, "status")).toContainText("Pending");
  await page.getByRole("button", { name: "More about this list" }).click();
  await page.getByRole("menuitem", { name: /Process \d+ pending/ }).click();
  for (let at = 0; at < IDS.length; at++) {
    await expect(cell(page, at, "status")).toContainText("Done", { timeout: 30_000 });
  }
});

test("all videos say where the words were found", async ({ page, make }) => {
  const list = await make.filled("words", IDS.slice(0, 2));
  const [video] = await make.get<Video[]>(`api/lists/${list.id}/videos`);
  await make.post(`api/videos/${video?.id}/notes`, {
    text: "the zeugma in the middle",
    at_seconds: 3,
  });

  await page.goto("videos?q=zeugma");
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, 0).locator("mark")).toHaveText("zeugma");
  await expect(cell(page, 0, "list")).toHaveText(list.name);
});

test("on a phone videos are lines, and nothing is wider than it is", async ({ page, make }) => {
  const list = await make.filled("phone", IDS);

  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`lists/${list.id}`);
  await expect(page.getByRole("gridcell").first()).toBeVisible();
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(wide).toBe(0);
});

const MANY = 100_000;

type Frames = {
  /** How long each took, in order of length. */
  times: number[];
  /** How many had a place in sight with no row at all, or a row that said nothing. */
  blank: number;
};

/* In the browser, from now on: each frame's time, and whether it was blank anywhere. */
function watchFrames() {
  const frames = { times: [] as number[], blank: 0, isBlank: false };
  const head = 36;
  let last = performance.now();

  const isBlank = () => {
    const grid = document.querySelector("[role=grid]");
    const sight = grid?.getBoundingClientRect();
    let covered = 0;
    let isEmpty = false;
    for (const row of grid?.querySelectorAll("[role=rowgroup] > [role=row]") ?? []) {
      const place = row.getBoundingClientRect();
      const top = Math.max(place.top, (sight?.top ?? 0) + head);
      const height = Math.min(place.bottom, sight?.bottom ?? 0) - top;
      if (height > 0) {
        covered += height;
        isEmpty ||= !row.querySelector("[data-column=title]")?.textContent;
      }
    }
    return isEmpty || covered < (sight?.height ?? 0) - head - 16; /* a scrollbar */
  };
  const tick = (now: number) => {
    frames.times.push(now - last);
    last = now;
    frames.isBlank = isBlank();
    frames.blank += frames.isBlank ? 1 : 0;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  Object.assign(window, { frames });
}

const framesOf = (page: Page) =>
  page.evaluate(() => (window as unknown as { frames: Frames & { isBlank: boolean } }).frames);

/** Turns the wheel as a hand does that goes through a list, some rows a turn, and tells of the frames. */
async function wheel(page: Page, turns: number, by: number): Promise<Frames> {
  await page.evaluate(watchFrames);
  for (let turn = 0; turn < turns; turn++) {
    await page.mouse.wheel(0, by);
    await twoFrames(page);
  }
  const { times, blank } = await framesOf(page);
  return { times: times.sort((a, b) => a - b), blank };
}

test("100,000 rows are scrolled through, and none in sight is blank", async ({
  page,
  make,
  place,
}, testInfo) => {
  test.setTimeout(400_000);
  const name = make.name("many");
  const file = testInfo.outputPath("many.csv");
  const lines = Array.from(
    { length: MANY },
    (_, n) =>
      `https://www.youtube.com/watch?v=${String(n).padStart(11, "0")},Talk number ${n} about many things,${n % 2 ? "beginner" : "advanced"}`,
  );
  await writeFile(file, `url,title,field_level\n${lines.join("\n")}\n`);
  await place.command(`import ${file} ${name.replace(" ", "-")} --no-process`);
  const lists = await make.get<{ id: string; name: string }[]>("api/lists");
  const list = lists.find((one) => one.name === name.replace(" ", "-"));

  await page.goto(`lists/${list?.id}`);
  await expect(page.getByText("100,000 videos")).toBeVisible();
  await expect(cell(page, 0, "title")).toHaveText("Talk number 0 about many things");
  await page.mouse.move(800, 600);
  const { times, blank } = await wheel(page, 300, 300);
  const at = (part: number) => times[Math.floor(times.length * part)]?.toFixed(1);
  process.stdout.write(
    `# ${times.length} frames: median ${at(0.5)} ms, 95th ${at(0.95)} ms, longest ${times.at(-1)?.toFixed(1)} ms; ${blank} blank\n`,
  );
  expect(times.length).toBeGreaterThan(300);
  expect(blank).toBe(0);

  await page.keyboard.press("G");
  await expect(cell(page, MANY - 1, "title")).toHaveText(
    `Talk number ${MANY - 1} about many things`,
  );
  await page
    .locator("[role=grid]")
    .evaluate((grid) => grid.scrollTo({ top: grid.scrollHeight / 2 }));
  await expect.poll(async () => (await framesOf(page)).isBlank).toBe(false);
  await expect(cell(page, MANY / 2, "title")).toHaveText(
    `Talk number ${MANY / 2} about many things`,
  );
});
