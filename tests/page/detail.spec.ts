import type { Page } from "@playwright/test";
import { fakePlayer } from "./player.ts";
import { expect, test } from "./server.ts";
import { wholeExport, youtubeId } from "./whole.ts";

type Made = { listId: string; videoId: string; title: string };
type Maker = Parameters<Parameters<typeof test>[2]>[0]["make"];

async function makeWhole(make: Maker, more: object = {}): Promise<Made> {
  const list = await make.list("detail", { template: "none" });
  const title = make.name("Me at the zoo");

  await make.import(list.id, wholeExport(title, more), false);
  const [video] = await make.get<{ id: string }[]>(`api/lists/${list.id}/videos`);
  expect(video).toBeDefined();
  return { listId: list.id, videoId: video?.id ?? "", title };
}

async function open(page: Page, { listId, videoId }: Made, tab?: string) {
  await page.goto(`lists/${listId}?video=${videoId}`);
  const panel = page.getByRole("region", { name: "Video", exact: true });
  await expect(panel.getByRole("tab", { name: "Fields" })).toBeVisible();
  if (tab) {
    await panel.getByRole("tab", { name: tab }).click();
  }
  return panel;
}

const stored = (make: Maker, { videoId }: Made) =>
  make.get<{
    fields: Record<string, { value: unknown; source: string }>;
    own_title: string | null;
    watch_position: number | null;
    watched_at: string | null;
    notes: { text: string; at_seconds: number | null }[];
    tags: { name: string; is_category: boolean }[];
  }>(`api/videos/${videoId}`);

test("the panel says whose a video is, since when, and how often it was seen", async ({
  page,
  make,
}) => {
  const made = await makeWhole(make);
  const panel = await open(page, made);

  await expect(panel.getByRole("heading", { name: made.title })).toBeVisible();
  await expect(panel.getByRole("link", { name: "Zoo" })).toBeVisible();
  await expect(panel.getByText("1,234,567 views")).toBeVisible();
  await expect(panel.getByRole("link", { name: "Open on YouTube" })).toHaveAttribute(
    "href",
    new RegExp(youtubeId),
  );
  await panel.getByRole("button", { name: "Close" }).click();
  await expect(panel).toBeHidden();
});

test("a title of one's own stands above YouTube's, until it is taken away", async ({
  page,
  make,
}) => {
  const made = await makeWhole(make);
  const panel = await open(page, made);

  await panel.getByRole("button", { name: "Give it a title of your own" }).click();
  await page.keyboard.type("The elephants");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("heading", { name: "The elephants" })).toBeVisible();
  await expect(panel.getByText(`On YouTube: ${made.title}`)).toBeVisible();
  await expect.poll(async () => (await stored(make, made)).own_title).toBe("The elephants");

  await panel.getByRole("button", { name: "Give it a title of your own" }).click();
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("heading", { name: made.title })).toBeVisible();
});

test("what is gone from YouTube is kept, and says so", async ({ page, make }) => {
  const panel = await open(page, await makeWhole(make, { availability: "gone" }));

  await expect(panel.getByText("Gone from YouTube; what was known is kept")).toBeVisible();
});

test("nothing of the player is loaded before somebody presses play; then it remembers how far one was", async ({
  page,
  make,
}) => {
  const made = await makeWhole(make);
  const player = await fakePlayer(page);
  const panel = await open(page, made);

  expect(player.loads).toEqual([]);
  await panel.getByRole("button", { name: "Play", exact: true }).click();
  await expect(player.frame.locator("#at")).toHaveText("at 0");
  expect(player.loads).toHaveLength(1);
  await player.playTo(123);
  await player.pause();
  await expect.poll(async () => (await stored(make, made)).watch_position).toBe(123);

  await page.reload();
  await panel.getByRole("button", { name: "Play from 2:03" }).click();
  await expect(player.frame.locator("#at")).toHaveText("at 123");
});

test("a video that may not be played elsewhere leads to YouTube", async ({ page, make }) => {
  const made = await makeWhole(make);
  await fakePlayer(page, 150);
  const panel = await open(page, made);

  await panel.getByRole("button", { name: "Play", exact: true }).click();
  await expect(panel.getByText("Its owner allows it to be played on YouTube only.")).toBeVisible();
  await expect(panel.getByRole("link", { name: "Watch it on YouTube" })).toBeVisible();
});

test("without the network the player's place says so, and all else is there", async ({
  page,
  make,
}) => {
  const panel = await open(page, await makeWhole(make));

  await panel.getByRole("button", { name: "Play", exact: true }).click();
  await expect(panel.getByText("YouTube’s player does not answer")).toBeVisible();
  await expect(panel.getByText("beginner")).toBeVisible();
});

test("a field of every type is edited in place", async ({ page, make }) => {
  const made = await makeWhole(make);
  const panel = await open(page, made);
  const edit = (label: string) => panel.getByRole("button", { name: `Edit ${label}` }).click();

  await edit("Level");
  await page.getByRole("option", { name: "advanced" }).click();
  await edit("Topics");
  for (const topic of ["zoos", "trunks"]) {
    await page.keyboard.type(topic);
    await page.keyboard.press("Enter");
  }
  await page.keyboard.press("Control+Enter");
  await panel
    .getByRole("group", { name: "My rating" })
    .getByRole("button", { name: "4 of 5" })
    .click();
  await edit("Takeaway");
  await page.keyboard.type("They have long trunks");
  await page.keyboard.press("Enter");
  await edit("Year");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("2006");
  await page.keyboard.press("Enter");
  await edit("Setup time");
  await page.keyboard.type("1h 30m");
  await page.keyboard.press("Enter");
  await panel.getByRole("group", { name: "Hands-on" }).getByRole("button", { name: "Yes" }).click();
  await edit("Recorded");
  await panel.getByLabel("Recorded", { exact: true }).fill("2005-04-23");
  await page.keyboard.press("Enter");
  await edit("Slides");
  await page.keyboard.type("zoo.example/slides");
  await page.keyboard.press("Enter");

  await expect(panel.getByText("1 h 30 min")).toBeVisible();
  await expect(panel.getByRole("link", { name: "zoo.example/slides" })).toBeVisible();
  await expect
    .poll(async () =>
      Object.entries((await stored(make, made)).fields).map(([name, said]) => [
        name,
        said.value,
        said.source,
      ]),
    )
    .toEqual(
      expect.arrayContaining([
        ["level", "advanced", "person"],
        ["topics", ["zoos", "trunks"], "person"],
        ["rating", 4, "person"],
        ["takeaway", "They have long trunks", "person"],
        ["year", 2006, "person"],
        ["setup", 90, "person"],
        ["live", true, "person"],
        ["recorded", "2005-04-23", "person"],
        ["slides", "https://zoo.example/slides", "person"],
      ]),
    );
});

test("what a field does not allow is told beside it, and Escape leaves all as it was", async ({
  page,
  make,
}) => {
  const made = await makeWhole(make);
  const panel = await open(page, made);

  await panel.getByRole("button", { name: "Edit Year" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("3000");
  await page.keyboard.press("Enter");
  await expect(panel.getByText("It must be at most 2100.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(panel.getByRole("button", { name: "Edit Year" })).toHaveText("2005");
  expect((await stored(make, made)).fields.year?.value).toBe(2005);
});

test("a change that the server refuses is taken back in words", async ({ page, make }) => {
  const made = await makeWhole(make);
  const panel = await open(page, made);

  await page.route(`**/api/videos/${made.videoId}`, (route) =>
    route.request().method() === "PATCH"
      ? route.fulfill({
          status: 422,
          contentType: "application/problem+json",
          body: JSON.stringify({
            type: "/",
            title: "No",
            status: 422,
            code: "invalid",
            detail: "Not that one.",
          }),
        })
      : route.continue(),
  );
  await panel.getByRole("button", { name: "Edit Level" }).click();
  await page.getByRole("option", { name: "advanced" }).click();
  await expect(page.getByText("Not that one.")).toBeVisible();
  await expect(panel.getByRole("button", { name: "Edit Level" })).toHaveText("beginner");
});

test("a model's value has its evidence, and pressing it plays the video there", async ({
  page,
  make,
}) => {
  const made = await makeWhole(make);
  const player = await fakePlayer(page);
  const panel = await open(page, made);

  await expect(panel.getByText("By gemini-2.5-flash-001")).toBeVisible();
  await expect(panel.getByText("line 13", { exact: true })).toBeVisible();
  await panel.getByRole("button", { name: "Play at 1:05" }).click();
  await expect(player.frame.locator("#at")).toHaveText("at 65");
});

test("a required field that is empty is marked", async ({ page, make }) => {
  const made = await makeWhole(make);
  const panel = await open(page, made);

  await panel.getByRole("button", { name: "More for Level" }).click();
  await page.getByRole("menuitem", { name: "Take the value away" }).click();
  await expect(panel.getByRole("button", { name: "Edit Level" })).toHaveText("Missing");
});

test("one tries what would be found, takes a value of it, and has one field extracted again", async ({
  page,
  make,
}) => {
  const put = (key: string | null) =>
    make.request.put("api/settings", { data: { gemini_api_key: key } });
  await put("AIzaSy-made-up");
  try {
    const list = await make.list("extract", { template: "none" });
    const field = {
      label: "Level",
      type: "select",
      options: ["beginner", "advanced"],
      instruction: "How hard",
    };
    await make.post(`api/lists/${list.id}/fields`, field);
    await make.import(list.id, youtubeId, false);
    const [video] = await make.get<{ id: string }[]>(`api/lists/${list.id}/videos`);
    const made = { listId: list.id, videoId: video?.id ?? "", title: "" };
    const panel = await open(page, made);

    await panel.getByRole("button", { name: "Try it" }).click();
    const preview = panel.getByRole("region", { name: "What would be found" });
    await expect(preview.getByText("beginner")).toBeVisible({ timeout: 30_000 });
    expect((await stored(make, made)).fields.level).toBeUndefined();
    await preview.getByRole("button", { name: "Take this for Level" }).click();
    await expect.poll(async () => (await stored(make, made)).fields.level?.source).toBe("person");

    await panel.getByRole("button", { name: "More for Level" }).click();
    await page.getByRole("menuitem", { name: "Take the value away" }).click();
    await panel.getByRole("button", { name: "More for Level" }).click();
    await page.getByRole("menuitem", { name: "Extract this again" }).click();
    await expect
      .poll(async () => (await stored(make, made)).fields.level?.source, { timeout: 30_000 })
      .toBe("model");
    await expect(panel.getByText("By gemini")).toBeVisible();
  } finally {
    await put(null);
  }
});

test("a line of the transcript plays the video there, and the line that is said is marked", async ({
  page,
  make,
}) => {
  const player = await fakePlayer(page);
  const panel = await open(page, await makeWhole(make), "Transcript");

  await panel.getByRole("button", { name: "This is line 2", exact: false }).first().click();
  await expect(player.frame.locator("#at")).toHaveText("at 10");
  await expect(panel.locator("[aria-current=true]", { hasText: "This is line 2" })).toBeVisible();

  await player.playTo(1500);
  await expect(panel.locator("[aria-current=true]", { hasText: "This is line 300" })).toBeVisible();
  await panel.getByRole("region", { name: "Transcript" }).hover();
  await page.mouse.wheel(0, -3000);
  await expect(panel.getByRole("button", { name: "Follow along" })).toBeVisible();
  await player.playTo(1510);
  await expect(panel.getByText("This is line 302")).toBeHidden();
  await panel.getByRole("button", { name: "Follow along" }).click();
  await expect(panel.getByText("This is line 302")).toBeVisible();
});

test("the transcript is searched, from hit to hit, whatever case and accents", async ({
  page,
  make,
}) => {
  const panel = await open(page, await makeWhole(make), "Transcript");

  await panel.getByLabel("Search the transcript").fill("WAHLEN");
  await expect(panel.getByText("1 of 48")).toBeVisible();
  await expect(panel.getByText("part 3", { exact: false }).first()).toBeVisible();
  await panel.getByRole("button", { name: "Previous hit" }).click();
  await expect(panel.getByText("48 of 48")).toBeVisible();
  await expect(panel.getByText("part 473")).toBeVisible();
  await panel.getByLabel("Search the transcript").press("Enter");
  await expect(panel.getByText("1 of 48")).toBeVisible();
});

test("chapters are a list that plays where one presses", async ({ page, make }) => {
  const player = await fakePlayer(page);
  const panel = await open(page, await makeWhole(make), "Transcript");

  await panel.getByText("3 chapters").click();
  await panel.getByRole("button", { name: "The trunks" }).click();
  await expect(player.frame.locator("#at")).toHaveText("at 90");
});

test("a note remembers where the video was, is changed, and deleted unless undone", async ({
  page,
  make,
}) => {
  const made = await makeWhole(make);
  const player = await fakePlayer(page);
  const panel = await open(page, made, "Notes");

  await panel.getByRole("button", { name: "Play", exact: true }).click();
  await player.playTo(754);
  await panel.getByLabel("at 12:34").waitFor();
  await panel.getByLabel("Note", { exact: true }).fill("Here it gets good");
  await panel.getByLabel("Note", { exact: true }).press("Control+Enter");
  await expect(panel.getByRole("button", { name: "Play at 12:34" })).toBeVisible();
  await expect
    .poll(async () => (await stored(make, made)).notes)
    .toMatchObject([{ text: "Here it gets good", at_seconds: 754 }]);

  await panel.getByRole("button", { name: "Edit the note" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Here it gets better");
  await page.keyboard.press("Control+Enter");
  await expect
    .poll(async () => (await stored(make, made)).notes[0]?.text)
    .toBe("Here it gets better");

  await panel.getByRole("button", { name: "Delete the note" }).click();
  await expect(panel.getByText("Here it gets better")).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(panel.getByText("Here it gets better")).toBeVisible();
  expect((await stored(make, made)).notes).toHaveLength(1);
});

test("the description's times play the video, and its addresses lead on", async ({
  page,
  make,
}) => {
  const player = await fakePlayer(page);
  const panel = await open(page, await makeWhole(make), "Description");

  await expect(panel.getByRole("link", { name: "https://zoo.example/trunks" })).toHaveAttribute(
    "rel",
    "noreferrer",
  );
  await panel.getByRole("button", { name: "Play at 20:00" }).click();
  await expect(player.frame.locator("#at")).toHaveText("at 1200");
});

test("tags are given by typing, made when they are new, and taken away", async ({ page, make }) => {
  const made = await makeWhole(make);
  const tag = make.name("elephants");
  const panel = await open(page, made);

  await panel.getByRole("button", { name: "Add a tag" }).click();
  await page.keyboard.type(tag);
  await page.getByRole("option", { name: `Add “${tag}”` }).click();
  await expect(panel.getByRole("link", { name: tag })).toBeVisible();
  await expect
    .poll(async () => (await stored(make, made)).tags.map((one) => one.name))
    .toEqual([tag]);
  await page.keyboard.press("Escape");
  await panel.getByRole("button", { name: `Remove the tag ${tag}` }).click();
  await expect(panel.getByRole("link", { name: tag })).toBeHidden();
  await expect.poll(async () => (await stored(make, made)).tags).toEqual([]);
});

test("a category is chosen, one at a time", async ({ page, make }) => {
  const made = await makeWhole(make);
  const [one, two] = [make.name("Animals"), make.name("Plants")];
  for (const name of [one, two]) {
    await make.post("api/tags", { name, is_category: true });
  }
  const panel = await open(page, made);

  for (const name of [one, two]) {
    await panel.getByRole("button", { name: "Category" }).click();
    await page.getByRole("menuitem", { name }).click();
    await expect(panel.getByRole("button", { name: `Category: ${name}` })).toBeVisible();
  }
  await expect
    .poll(async () => (await stored(make, made)).tags.map((tag) => tag.name))
    .toEqual([two]);
});

test("it is said where metadata are from, which runs took the video on, and why it failed", async ({
  page,
  make,
}) => {
  const list = await make.list("failed", { template: "none" });
  const report = await make.import(list.id, "goneaaaaaaa");
  await make.finished(report.run_id ?? "");
  const [video] = await make.get<{ id: string }[]>(`api/lists/${list.id}/videos`);
  const panel = await open(page, { listId: list.id, videoId: video?.id ?? "", title: "" }, "About");

  await expect(panel.getByText("It could not be processed")).toBeVisible();
  await expect(panel.getByRole("region", { name: "Runs" }).getByRole("link")).toHaveCount(1);
  await panel.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("It is taken on again.")).toBeVisible();
  await expect(panel.getByRole("region", { name: "Runs" }).getByRole("link")).toHaveCount(2);
});

test("on a phone the panel has all the room, and nothing is cut", async ({ page, make }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const made = await makeWhole(make);
  const panel = await open(page, made);

  expect((await panel.boundingBox())?.width).toBe(390);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
