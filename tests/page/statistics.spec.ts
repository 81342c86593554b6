import { expect, test } from "./server.ts";

type Maker = Parameters<Parameters<typeof test>[2]>[0]["make"];

const ids = Array.from({ length: 12 }, (_, index) => `counted${String(index).padStart(4, "0")}`);

async function setValues(make: Maker, videoId: string, fields: Record<string, unknown>) {
  const field_values = Object.entries(fields).map(([field_id, value]) => ({ field_id, value }));
  const answer = await make.request.put(`api/videos/${videoId}/fields`, { data: { field_values } });

  expect(answer.ok()).toBe(true);
}

async function makeCounted(make: Maker) {
  const list = await make.list("counted", { template: "none" });
  for (const field of [
    { label: "Level", type: "select", options: ["easy", "deep dive"] },
    { label: "Score", type: "number" },
    { label: "Good", type: "boolean" },
  ]) {
    await make.post(`api/lists/${list.id}/fields`, field);
  }
  await make.import(list.id, ids.join("\n"), false);
  const videos = await make.get<{ id: string }[]>(`api/lists/${list.id}/videos`);
  for (const [index, video] of videos.entries()) {
    if (index < 9) {
      const fields = {
        level: index < 3 ? "deep dive" : "easy",
        score: index * 10,
        good: index % 3 === 0,
      };
      await setValues(make, video.id, fields);
    }
  }
  return list;
}

test("a list's fields are seen as bars, and a bar leads to its videos", async ({ page, make }) => {
  const list = await makeCounted(make);

  await page.goto(`lists/${list.id}/statistics`);
  const level = page.getByRole("region", { name: "Level" });
  await expect(level.getByRole("link", { name: /deep dive\s*3/ })).toBeVisible();
  await expect(level.getByRole("link", { name: /easy\s*6/ })).toBeVisible();
  await expect(level.getByText("9 by you")).toBeVisible();
  await level.getByRole("link", { name: /deep dive/ }).click();
  await expect(page).toHaveURL((url) =>
    (url.searchParams.get("q") ?? "").includes('field:level="deep dive"'),
  );
  const q = 'field:level="deep dive"';
  const found = await make.get<object[]>(`api/lists/${list.id}/videos?q=${encodeURIComponent(q)}`);
  expect(found).toHaveLength(3);
});

test("numbers are a histogram with their median, and each column leads to what is in it", async ({
  page,
  make,
}) => {
  const list = await makeCounted(make);

  await page.goto(`lists/${list.id}/statistics`);
  const score = page.getByRole("region", { name: "Score" });
  await expect(score.getByText("Median 40")).toBeVisible();
  const columns = score.getByRole("list").first().getByRole("link");
  const hrefs = await columns.evaluateAll((links) =>
    links.map((link) => (link as HTMLAnchorElement).href),
  );
  let count = 0;
  for (const href of hrefs) {
    const q = new URL(href).searchParams.get("q") ?? "";
    count += (await make.get<object[]>(`api/lists/${list.id}/videos?q=${encodeURIComponent(q)}`))
      .length;
  }
  expect(count).toBe(9);
});

test("what has no value is counted, and leads to those", async ({ page, make }) => {
  const list = await makeCounted(make);

  await page.goto(`lists/${list.id}/statistics`);
  const good = page.getByRole("region", { name: "Good" });
  await expect(good.getByRole("link", { name: /Yes\s*3/ })).toBeVisible();
  await good.getByRole("link", { name: "3 empty" }).click();
  await expect(page).toHaveURL((url) => (url.searchParams.get("q") ?? "").includes("-field:good"));
});

test("one sees how many there are, how far they are, and what came by day", async ({
  page,
  make,
}) => {
  const list = await make.filled("grown", ids.slice(0, 4).concat("goneaaaaaaa"), {
    template: "none",
  });

  await page.goto(`lists/${list.id}/statistics`);
  await expect(page.getByRole("link", { name: "4 completed" })).toBeVisible();
  await expect(page.getByRole("link", { name: "1 failed" })).toBeVisible();
  await expect(page.getByRole("figure", { name: "5 videos added" }).getByRole("link")).toHaveCount(
    1,
  );
  await expect(page.getByRole("figure", { name: "4 videos completed" })).toBeVisible();
  await page.getByRole("link", { name: "1 failed" }).click();
  await expect(page).toHaveURL((url) => url.searchParams.get("q")?.includes("is:failed") ?? false);
});

test("a list without videos says what would be here", async ({ page, make }) => {
  const list = await make.list("empty");

  await page.goto(`lists/${list.id}/statistics`);
  await expect(page.getByRole("heading", { name: "Nothing to count yet" })).toBeVisible();
});
