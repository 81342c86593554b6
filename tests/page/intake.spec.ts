import { expect, test } from "./server.ts";

test("an address that is typed is in the list at once", async ({ page, make }) => {
  const list = await make.list("typed");

  await page.goto(`lists/${list.id}`);
  await expect(page.getByRole("textbox", { name: "Add videos" })).toBeVisible();
  await page.keyboard.press("a");
  await expect(page.getByRole("textbox", { name: "Add videos" })).toBeFocused();
  await page.keyboard.type("https://youtu.be/inv_0000001");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Added. The rest of it comes by itself.")).toBeVisible();
  await expect(page.getByRole("link", { name: list.name })).toHaveText(
    new RegExp(`${list.name}\\s*1$`),
  );
});

test("a video that is there already is said to be, and led to", async ({ page, make }) => {
  const list = await make.filled("there", ["inv_0000001"]);

  await page.goto(`lists/${list.id}`);
  await page.getByRole("textbox", { name: "Add videos" }).fill("inv_0000001");
  await page.keyboard.press("Enter");
  await expect(page.getByText("This video is in the list already.")).toBeVisible();
  await page.getByRole("button", { name: "Show it" }).click();
  await expect(page).toHaveURL(/video=/);
});

test("many that are pasted anywhere are shown line by line before they come in", async ({
  page,
  make,
}) => {
  const list = await make.filled("pasted", ["inv_0000001"]);
  const text = "inv_0000001\nhttps://youtu.be/inv_0000002\nhttps://vimeo.com/1";

  await page.goto(`lists/${list.id}`);
  await expect(page.getByRole("textbox", { name: "Add videos" })).toBeVisible();
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    document.body.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);

  const dialog = page.getByRole("dialog", { name: `Add to ${list.name}` });
  await expect(dialog.getByText("not a YouTube address")).toBeVisible();
  await dialog.getByRole("button", { name: "1 there already" }).click();
  await expect(dialog.getByText("not a YouTube address")).toBeHidden();
  await dialog.getByRole("button", { name: "Add 1 video" }).click();
  await expect(page.getByText("1 video added")).toBeVisible();
  await page.getByRole("button", { name: "Show its run" }).click();
  await expect(page).toHaveURL(/runs\//);
});

test("a file is read and shown, and what is in it comes in", async ({ page, make }) => {
  const list = await make.list("file");
  const chooser = page.waitForEvent("filechooser");

  await page.goto(`lists/${list.id}`);
  await page.getByRole("button", { name: /^Add files/ }).click();
  await (await chooser).setFiles({
    name: "talks.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("url\nhttps://youtu.be/inv_0000003\nhttps://youtu.be/inv_0000004\n"),
  });
  await page.getByRole("button", { name: "Add 2 videos" }).click();
  await expect(page.getByText("2 videos added")).toBeVisible();
});

test("an address from a bookmarklet comes in after one confirmation", async ({ page, make }) => {
  const list = await make.list("shared");

  await page.goto(`lists/${list.id}`);
  await expect(page.getByRole("textbox", { name: "Add videos" })).toBeVisible();
  await page.goto(`?add=${encodeURIComponent("https://www.youtube.com/watch?v=inv_0000005")}`);
  await expect(page.getByLabel("Address")).toHaveValue(/inv_0000005/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`lists/${list.id}`));
});
