import { expect, test } from "./server.ts";

test("a playlist is subscribed by its address, and what is in it comes into the list", async ({
  page,
  make,
}) => {
  const list = await make.list("follows", { template: "none" });

  await page.goto("subscriptions");
  await page.getByRole("button", { name: "Add a subscription" }).click();
  const dialog = page.getByRole("dialog");
  await dialog
    .getByLabel("Channel", { exact: true })
    .fill("https://www.youtube.com/playlist?list=PLsubscribed1");
  await expect(dialog.getByRole("combobox", { name: "What" })).toHaveText("Playlist");
  await dialog.getByRole("combobox", { name: "Into the list" }).click();
  await page.getByRole("option", { name: list.name }).click();
  await dialog.getByRole("button", { name: "Subscribe" }).click();
  await expect(dialog).toBeHidden();

  const row = page.getByRole("region", { name: list.name }).getByRole("listitem");
  await expect(row).toContainText("Playlist");
  await row.getByRole("button", { name: "Look now" }).click();
  await expect(row).toContainText("15 found", { timeout: 45_000 });
});

test("words say what they cost before somebody pays", async ({ page, make }) => {
  await make.list("words", { template: "none" });

  await page.goto("subscriptions");
  await page.getByRole("button", { name: "Add a subscription" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("which cost no quota")).toBeVisible();
  await dialog.getByRole("combobox", { name: "What" }).click();
  await page.getByRole("option", { name: "Words" }).click();
  await dialog.getByRole("combobox", { name: "Look" }).click();
  await page.getByRole("option", { name: "every six hours" }).click();
  await expect(dialog.getByText("up to 400 of its 10,000 a day")).toBeVisible();
});

test("what is no channel is refused beside it", async ({ page, make }) => {
  await make.list("wrong", { template: "none" });

  await page.goto("subscriptions");
  await page.getByRole("button", { name: "Add a subscription" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Channel", { exact: true }).fill("the zoo");
  await dialog.getByRole("button", { name: "Subscribe" }).click();
  await expect(dialog.getByText("This is no channel")).toBeVisible();
});

test("a poll that failed says why", async ({ page, make }) => {
  const list = await make.list("gone", { template: "none" });
  const made = await make.post<{ id: string }>("api/subscriptions", {
    list_id: list.id,
    kind: "playlist",
    target: "PLgone0123456",
    name: "A playlist that is gone",
  });
  await make.post(`api/subscriptions/${made.id}/sync`, {});

  await page.goto("subscriptions");
  const row = page.getByRole("listitem").filter({ hasText: "A playlist that is gone" });
  await expect
    .poll(
      async () =>
        (await make.get<{ error_message: string | null }>(`api/subscriptions/${made.id}`))
          .error_message,
      {
        timeout: 45_000,
      },
    )
    .not.toBeNull();
  const { error_message } = await make.get<{ error_message: string }>(
    `api/subscriptions/${made.id}`,
  );
  await expect(row).toContainText(error_message);
});

test("a deleted subscription is back when that is undone", async ({ page, make }) => {
  const list = await make.list("undo", { template: "none" });
  await make.post("api/subscriptions", {
    list_id: list.id,
    kind: "playlist",
    target: "PLundone12345",
    name: "Undone",
  });

  await page.goto("subscriptions");
  const link = page.getByRole("main").getByRole("link", { name: "Undone" });
  await page.getByRole("button", { name: "Delete the subscription Undone" }).click();
  await expect(link).toBeHidden();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(link).toBeVisible();
});
