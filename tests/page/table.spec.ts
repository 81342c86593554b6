import { writeFile } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
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
  await expect(page.getByRole("option").first()).toBeVisible();
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(wide).toBe(0);
});

for (const layout of ["table", "cards"]) {
  test(`axe finds nothing in the ${layout}`, async ({ page, make }) => {
    const list = await make.filled("axe", IDS);

    await page.goto(`lists/${list.id}?layout=${layout}`);
    await expect(rows(page)).toHaveCount(IDS.length);
    await check(page, 1).click();
    await expect(page.getByText("1 selected")).toBeVisible();
    const found = await new AxeBuilder({ page }).analyze();
    expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  });
}

const MANY = 100_000;

/** Rows in sight that are there: [how many, how many of them say nothing]. */
const inSight = (page: Page) =>
  page.evaluate(() => {
    const grid = document.querySelector("[role=grid]");
    const box = grid?.getBoundingClientRect();
    const all = [...document.querySelectorAll("[role=rowgroup] > [role=row]")].filter((one) => {
      const place = one.getBoundingClientRect();
      return box && place.bottom > box.top + 36 && place.top < box.bottom;
    });
    return [
      all.length,
      all.filter((one) => !one.querySelector("[data-column=title]")?.textContent).length,
    ];
  });

/** How long each frame took while the wheel turned. */
async function wheel(page: Page, turns: number, by: number) {
  await page.evaluate(() => {
    const times: number[] = [];
    let last = performance.now();
    const tick = (now: number) => {
      times.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    Object.assign(window, { frames: times });
  });
  for (let turn = 0; turn < turns; turn++) {
    await page.mouse.wheel(0, by);
    await expect.poll(async () => (await inSight(page))[1]).toBe(0);
  }
  const times = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
  return times.sort((a, b) => a - b);
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
  const times = await wheel(page, 60, 700);
  const at = (part: number) => times[Math.floor(times.length * part)]?.toFixed(1);
  testInfo.annotations.push({
    type: "frames",
    description: `median ${at(0.5)} ms, 95th ${at(0.95)} ms, longest ${times.at(-1)?.toFixed(1)} ms`,
  });

  await page.keyboard.press("G");
  await expect(cell(page, MANY - 1, "title")).toHaveText(
    `Talk number ${MANY - 1} about many things`,
  );
  await page
    .locator("[role=grid]")
    .evaluate((grid) => grid.scrollTo({ top: grid.scrollHeight / 2 }));
  await expect.poll(async () => (await inSight(page))[1]).toBe(0);
  expect((await inSight(page))[0]).toBeGreaterThan(10);
});
