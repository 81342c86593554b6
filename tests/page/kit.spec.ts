/*
 * What opens over a page and goes again: tooltips.
 */
import { expect, test } from "./server.ts";

const IDS = ["jNQXAC9IVRw", "dQw4w9WgXcQ"];

test("a tooltip comes by pointer and by keyboard, and Escape takes it away", async ({
  page,
  make,
}) => {
  const list = await make.filled("tips", IDS);
  const button = page.getByRole("button", { name: "As cards" });
  const tip = page.getByRole("tooltip");

  await page.goto(`lists/${list.id}`);
  await button.hover();
  await expect(tip).toHaveText("As cards");
  const at = (await tip.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(at.x + at.width / 2, at.y + at.height / 2, { steps: 5 });
  await expect(tip).toBeVisible();
  await page.mouse.move(5, 400);
  await expect(tip).toBeHidden();

  await page.keyboard.press("Tab");
  await button.focus();
  await expect(tip).toHaveText("As cards");
  await page.keyboard.press("Escape");
  await expect(tip).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  await expect(tip).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(tip).toBeHidden();
});
