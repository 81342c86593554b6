import { expect, test } from "./server.ts";
import { wholeExport } from "./whole.ts";

type Maker = Parameters<Parameters<typeof test>[2]>[0]["make"];

/* A channel comes with its first video; each test has one of its own. */
async function makeChannel(make: Maker) {
  const list = await make.list("channels", { template: "none" });
  const channel = make.name("Zoo");
  const channel_id = `UC${Math.random().toString(36).slice(2).padEnd(22, "x").slice(0, 22)}`;

  await make.import(
    list.id,
    wholeExport("Elephants", {}, { id: channel_id, name: channel }),
    false,
  );
  return { list, channel, channel_id };
}

test("a channel is found by its name, and leads to its videos", async ({ page, make }) => {
  const { channel, channel_id } = await makeChannel(make);

  await page.goto("channels");
  await page.getByLabel("Search channels").fill(channel.toUpperCase());
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
  await expect(page.getByRole("main").getByRole("listitem")).toContainText("1 video");
  await page.getByRole("link", { name: channel }).click();
  await expect(page).toHaveURL((url) => url.searchParams.get("q")?.includes(channel_id) ?? false);
});

test("a channel is hidden, and shown again", async ({ page, make }) => {
  const { channel } = await makeChannel(make);

  await page.goto("channels");
  await page.getByRole("button", { name: `More for ${channel}` }).click();
  await page.getByRole("menuitem", { name: "Hide" }).click();
  await expect(page.getByRole("link", { name: channel })).toBeHidden();
  await page.getByLabel("Show hidden ones, too").click();
  await expect(page.getByRole("link", { name: channel })).toBeVisible();
  await page.getByRole("button", { name: `More for ${channel}` }).click();
  await page.getByRole("menuitem", { name: "Show again" }).click();
  await page.getByLabel("Show hidden ones, too").click();
  await expect(page.getByRole("link", { name: channel })).toBeVisible();
});

test("a channel is subscribed into a list", async ({ page, make }) => {
  const { list, channel, channel_id } = await makeChannel(make);

  await page.goto("channels");
  await page.getByRole("button", { name: `More for ${channel}` }).click();
  await page.getByRole("menuitem", { name: "Subscribe into a list" }).click();
  const dialog = page.getByRole("dialog", { name: `Subscribe to ${channel}` });
  await dialog.getByRole("combobox", { name: "Into the list" }).click();
  await page.getByRole("option", { name: list.name }).click();
  await dialog.getByRole("button", { name: "Subscribe" }).click();
  await expect(dialog).toBeHidden();
  await expect
    .poll(() => make.get<object[]>(`api/subscriptions?list_id=${list.id}`))
    .toMatchObject([{ kind: "channel", target: channel_id, name: channel }]);
});
