/*
 * What opens over a page and goes again: tooltips, menus, popovers, dialogs. Their code comes when they are wanted.
 */
import type { Page } from "@playwright/test";
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

/** From now on code comes when it is let in. */
async function holdCode(page: Page) {
  let letIn: () => void = () => undefined;
  const gate = new Promise<void>((done) => {
    letIn = done;
  });
  await page.route("**/assets/*.js", async (route) => {
    await gate;
    await route.continue();
  });
  return letIn;
}

test("a menu that is asked for before its code is there opens once it is", async ({
  page,
  make,
}) => {
  const list = await make.filled("menus", IDS);
  const button = page.getByRole("button", { name: "Sort" });
  const menu = page.getByRole("menu", { name: "Sort" });

  await page.goto(`lists/${list.id}`);
  await expect(page.locator("[data-row]")).toHaveCount(IDS.length);
  const letIn = await holdCode(page);
  await button.click();
  await expect(button).toHaveAttribute("aria-expanded", "true");
  await expect(menu).toBeHidden();
  letIn();
  await expect(menu).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await expect(button).toBeFocused();

  await page.keyboard.press("ArrowDown");
  await expect(menu.getByRole("menuitemcheckbox").first()).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
});

test("code that could not come is asked for again", async ({ page, make }) => {
  const list = await make.filled("away", IDS);
  const button = page.getByRole("button", { name: "Sort" });

  await page.goto(`lists/${list.id}`);
  await expect(page.locator("[data-row]")).toHaveCount(IDS.length);
  await page.route("**/assets/*.js", (route) => route.abort());
  await button.click();
  await expect(button).toHaveAttribute("aria-expanded", "false");
  await page.unroute("**/assets/*.js");
  await button.click();
  await expect(page.getByRole("menu", { name: "Sort" })).toBeVisible();
});

test("a popover closes by its button, by Escape, and gives the focus back", async ({
  page,
  make,
}) => {
  const list = await make.filled("popovers", IDS);
  const button = page.getByRole("button", { name: "Filter" });
  const box = page.getByRole("dialog", { name: "Filter" });

  await page.goto(`lists/${list.id}`);
  await button.click();
  await expect(box).toBeVisible();
  await button.click();
  await expect(box).toBeHidden();
  await button.press("Enter");
  await expect(box).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(box).toBeHidden();
  await expect(button).toBeFocused();
});

test("a dialog gives the focus back to what had it", async ({ page, make }) => {
  const list = await make.filled("dialogs", IDS);
  const grid = page.getByRole("grid");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });

  await page.goto(`lists/${list.id}`);
  await grid.focus();
  await page.keyboard.press("?");
  await expect(help).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await expect(grid).toBeFocused();
});
