import { expect, test } from "./server.ts";

test("a field is made by hand and tried on a video", async ({ page, make }) => {
  const list = await make.filled("tried", ["4riqJcrDVcw"], { template: "talks" });

  await page.goto(`lists/${list.id}/fields`);
  await page.getByRole("button", { name: "Add fields" }).click();
  await page.getByRole("menuitem", { name: "By hand" }).click();
  await page.getByLabel("Name").fill("Mood");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: "Edit Mood" })).toBeVisible();
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await expect(
    page
      .getByRole("complementary", { name: "Try it on a video" })
      .getByText("talk", { exact: true }),
  ).toBeVisible();
});

test("fields are put in another order with the keyboard", async ({ page, make }) => {
  const list = await make.list("ordered", { template: "talks" });

  await page.goto(`lists/${list.id}/fields`);
  const handle = page.getByRole("button", { name: "Move Level" });
  await handle.focus();
  await page.keyboard.press("Space");
  await expect(handle).toHaveAttribute("aria-pressed", "true");
  const said = page.locator("[id^=DndLiveRegion]").first();
  await expect(said).toContainText("over"); /* itself, to begin with */
  const before = (await said.textContent()) ?? "";
  await page.keyboard.press("ArrowDown");
  await expect(said).not.toHaveText(before);
  await expect(said).toContainText("over");
  await page.keyboard.press("Space");
  await expect
    .poll(async () => {
      const fields = await make.get<{ label: string }[]>(`api/lists/${list.id}/fields`);
      return fields[1]?.label;
    })
    .toBe("Level");
});

test("a change that loses values says how many, and puts them aside", async ({ page, make }) => {
  const list = await make.filled("aside", ["4riqJcrDVcw"], { template: "talks" });

  await page.goto(`lists/${list.id}/fields`);
  await page.getByRole("button", { name: "Edit Kind" }).click();
  await page.getByLabel("Options").fill("keynote");
  await page.getByText("Rule", { exact: true }).last().click();
  await page.getByLabel("How it fills itself, without a model").fill("");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Put them aside and save" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("a field that is deleted comes back when that is undone", async ({ page, make }) => {
  const list = await make.list("undone", { template: "talks" });

  await page.goto(`lists/${list.id}/fields`);
  await page.getByRole("button", { name: "Delete Level" }).click();
  await expect(page.getByRole("button", { name: "Edit Level" })).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Edit Level" })).toBeVisible();
});
