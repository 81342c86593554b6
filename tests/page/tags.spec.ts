import { expect, test } from "./server.ts";

test("tags are made, and lead to their videos", async ({ page, make }) => {
  const name = make.name("to watch");

  await page.goto("tags");
  await page.getByLabel("Name of a new tag").fill(name);
  await page.getByRole("button", { name: "Make", exact: true }).click();
  const link = page.getByRole("link", { name });
  await expect(link).toBeVisible();
  await link.click();
  await expect(page).toHaveURL(
    (url) => url.searchParams.get("q")?.includes(`tag:"${name}"`) ?? false,
  );
});

test("a tag is renamed, coloured, and made a category", async ({ page, make }) => {
  const name = make.name("before");
  const next = make.name("after");
  const tag = await make.post<{ id: string }>("api/tags", { name });

  await page.goto("tags");
  await page.getByRole("button", { name: `More for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel(`Name of ${name}`).fill(next);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: next })).toBeVisible();
  await page.getByRole("button", { name: `Colour of ${next}` }).click();
  await page.getByRole("button", { name: "Teal" }).click();
  await page.getByRole("button", { name: `More for ${next}` }).click();
  await page.getByRole("menuitem", { name: "Make it a category" }).click();
  await expect(
    page.getByRole("region", { name: "Categories" }).getByRole("link", { name: next }),
  ).toBeVisible();
  await expect
    .poll(() => make.get<object>(`api/tags/${tag.id}`))
    .toMatchObject({ name: next, color: "#12a594", is_category: true });
});

test("a name that is taken is refused in words, and the old one is back", async ({
  page,
  make,
}) => {
  const [one, two] = [make.name("one"), make.name("two")];
  await make.post("api/tags", { name: one });
  await make.post("api/tags", { name: two });

  await page.goto("tags");
  await page.getByRole("button", { name: `More for ${two}` }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel(`Name of ${two}`).fill(one);
  await page.keyboard.press("Enter");
  await expect(page.getByText(/there is a tag/i)).toBeVisible();
  await expect(page.getByRole("link", { name: two })).toBeVisible();
});

test("two tags are merged, after saying what that does", async ({ page, make }) => {
  const list = await make.list("merge", { template: "none" });
  await make.import(list.id, "jNQXAC9IVRw", false);
  const [video] = await make.get<{ id: string }[]>(`api/lists/${list.id}/videos`);
  const [from, into] = [make.name("kino"), make.name("cinema")];
  await make.post(`api/videos/${video?.id}/tags`, { names: [from] });
  await make.post("api/tags", { name: into });

  await page.goto("tags");
  await page.getByRole("button", { name: `More for ${from}` }).click();
  await page.getByRole("menuitem", { name: "Merge into another" }).click();
  await expect(page.getByText("This cannot be undone.")).toBeVisible();
  await page.getByRole("combobox", { name: "Into" }).click();
  await page.getByRole("option", { name: into }).click();
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await expect(page.getByRole("link", { name: from })).toBeHidden();
  await expect(
    page.getByRole("main").getByRole("listitem").filter({ hasText: into }),
  ).toContainText("1 video");
});

test("a deleted tag is back when that is undone", async ({ page, make }) => {
  const name = make.name("gone");
  await make.post("api/tags", { name });

  await page.goto("tags");
  await page.getByRole("button", { name: `More for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByRole("link", { name })).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("link", { name })).toBeVisible();
});
