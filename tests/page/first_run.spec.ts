import { expect, test } from "./server.ts";

test("somebody new is told how to begin, and a sample shows it", async ({ page, make, place }) => {
  for (const { id } of await make.get<{ id: string }[]>("api/lists")) {
    await make.request.delete(new URL(`api/lists/${id}`, place.told.url).href);
  }
  await page.goto("");
  await expect(page.getByRole("heading", { name: "First steps" })).toBeVisible();
  await expect(page.getByText("All of it works without any key")).toBeVisible();
  await page.getByRole("button", { name: "Try a sample" }).click();
  await expect(page).toHaveURL(/lists\//);
});
