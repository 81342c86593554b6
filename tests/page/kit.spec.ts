/*
 * What opens over a page and goes again: tooltips, menus, popovers, dialogs. Their code comes when they are wanted.
 */
import type { Page } from "@playwright/test";
import { expect, type Maker, test } from "./server.ts";

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

/** A list, once its videos are there. */
async function openList(page: Page, make: Maker, word: string) {
  const list = await make.filled(word, IDS);

  await page.goto(`lists/${list.id}`);
  await expect(page.locator("[data-row]")).toHaveCount(IDS.length);
}

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
  const button = page.getByRole("button", { name: "Sort" });
  const menu = page.getByRole("menu", { name: "Sort" });

  await openList(page, make, "menus");
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

test("a menu whose code is still on its way is not wanted any more after Escape", async ({
  page,
  make,
}) => {
  const button = page.getByRole("button", { name: "Sort" });

  await openList(page, make, "unwanted");
  const letIn = await holdCode(page);
  await button.click();
  await page.keyboard.press("Escape");
  await expect(button).toHaveAttribute("aria-expanded", "false");
  const came = page.waitForResponse("**/assets/menu_list-*.js");
  letIn();
  await came;
  await button.press("ArrowDown");
  await expect(page.getByRole("menu", { name: "Sort" })).toBeVisible();
});

test("what is typed before a cell's editor is there is for it, unless one goes elsewhere", async ({
  page,
  make,
}) => {
  const search = page.getByRole("combobox", { name: "Search and filter" });
  const title = page.locator("[data-row]").first().locator("[data-column=title]");
  const editor = page.getByRole("textbox", { name: "Title" });

  await openList(page, make, "ahead");
  const letIn = await holdCode(page);
  await title.dblclick();
  await page.keyboard.type("ab");
  await search.click();
  await page.keyboard.type("x");
  await expect(search).toHaveValue("x");
  await search.fill("");
  await search.press("Escape");
  await expect(page.getByRole("listbox")).toBeHidden();
  await title.dblclick();
  await page.keyboard.type("New nam");
  await page.keyboard.press("Backspace");
  letIn();
  await expect(editor).toBeFocused();
  await expect(editor).toHaveValue(/New na$/);
});

test("a part that cannot come is said to be missing, and an editor is left", async ({
  page,
  make,
}) => {
  await openList(page, make, "missing");
  await page.route("**/assets/*.js", (route) => route.abort());
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("e");
  await expect(page.getByRole("alert")).toContainText("A part of this page did not come");
  await expect(page.locator("[data-focused]")).toHaveAttribute("data-row", "1"); /* the last one */
  await page.unroute("**/assets/*.js");
  await page.getByRole("button", { name: "Reload" }).click();
  await expect(page.getByRole("alert")).toBeHidden();
});

test("code that could not come is asked for again", async ({ page, make }) => {
  const button = page.getByRole("button", { name: "Sort" });

  await openList(page, make, "away");
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
