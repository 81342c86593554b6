import { expect, test } from "./server.ts";

test("a key is written, never shown again, and taken away", async ({ page }) => {
  await page.goto("settings");
  await page.getByLabel("Key for Gemini", { exact: true }).fill("a-secret-key-1234");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Key for Gemini", { exact: true })).toHaveAttribute(
    "placeholder",
    /1234/,
  );
  await expect(page.getByLabel("Key for Gemini", { exact: true })).toHaveValue("");
  await page.getByRole("button", { name: "Remove: Key for Gemini" }).click();
  await expect(page.getByLabel("Key for Gemini", { exact: true })).toHaveAttribute(
    "placeholder",
    "Not set",
  );
});

test("what the environment sets is shown and cannot be changed", async ({ page }) => {
  await page.goto("settings");
  await expect(page.getByLabel("Key for the YouTube Data API")).toBeDisabled();
  await expect(page.getByText("From the environment").first()).toBeVisible();
});

test("a key is tested, and the answer is in words", async ({ page, make }) => {
  await page.goto("settings");
  await page.getByRole("button", { name: "Test the key" }).click();
  await expect(page.getByLabel("It works", { exact: true })).toBeVisible();
  await make.rules([{ do: "API_KEY_INVALID" }]);
  await page.getByRole("button", { name: "Test the key" }).click();
  await expect(page.getByLabel("It does not work")).toBeVisible();
  await make.rules([]);
});

test("a token is shown once and can be revoked, and that undone", async ({ page, make }) => {
  const name = make.name("script");

  await page.goto("settings");
  await page.getByLabel("What the token is for").fill(name);
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^bm_[0-9a-f]{48}$/)).toBeVisible();
  await page.getByRole("button", { name: "I have it" }).click();
  await expect(page.getByText(/^bm_/)).toBeHidden();
  await page.getByRole("button", { name: `Revoke ${name}` }).click();
  await expect(page.getByRole("button", { name: `Revoke ${name}` })).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: `Revoke ${name}` })).toBeVisible();
});

test("the page speaks German when it is told to", async ({ page }) => {
  await page.goto("settings");
  await page.getByRole("combobox", { name: "Language" }).click();
  await page.getByRole("option", { name: "Deutsch" }).click();
  await expect(page.getByRole("heading", { name: "Einstellungen" })).toBeVisible();
});
