import { expect, test } from "./server.ts";

test("the sidebar has the lists with their counts, and leads to them", async ({ page, make }) => {
  const list = await make.list("talks");
  await make.import(list.id, "jNQXAC9IVRw\ndQw4w9WgXcQ", false);

  await page.goto("");
  const link = page.getByRole("link", { name: list.name });
  await expect(link).toContainText("2");
  await link.click();
  await expect(page).toHaveURL(new RegExp(`/lists/${list.id}$`));
  await expect(link).toHaveAttribute("data-status", "active");
});

test("an address of the page can be opened and reloaded", async ({ page }) => {
  const answer = await page.goto("settings");

  expect(answer?.status()).toBe(200);
  await expect(page.getByRole("link", { name: "Settings" })).toHaveAttribute(
    "data-status",
    "active",
  );
});

test("an address where nothing is says so", async ({ page }) => {
  await page.goto("nowhere/at/all");
  await expect(page.getByText("There is nothing at this address.")).toBeVisible();
});
