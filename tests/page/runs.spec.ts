import { expect, test } from "./server.ts";

const ids = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, at) => `${prefix}_${String(at).padStart(7, "0")}`);

test("what failed says why, and is tried again", async ({ page, make }) => {
  const list = await make.filled("failing", ["gone0000001", "inv_0000001"]);

  await page.goto("runs");
  await page.getByRole("link", { name: `${list.name}: 2 videos` }).click();
  await expect(page.getByText(/YouTube does not know it/)).toBeVisible();
  const retried = page.waitForResponse((answer) => /\/retry$/.test(answer.url()) && answer.ok());
  await page.getByRole("button", { name: "Retry it" }).click();
  await retried;
  await expect
    .poll(async () => {
      const runs = await make.get<{ status: string }[]>(`api/runs?list_id=${list.id}`);
      return runs[0]?.status;
    })
    .toBe("completed_with_errors");
  await expect(page.getByText(/YouTube does not know it/)).toBeVisible();
});

test("a spent quota holds a run, says until when, and is asked again", async ({ page, make }) => {
  await make.rules([{ do: "quotaExceeded", prefix: "hld", times: 1000 }]);
  const list = await make.list("held");
  await make.import(list.id, ids(3, "hld").join("\n"));

  await page.goto("runs");
  await expect(page.getByText(/YouTube is left alone until/)).toBeVisible();
  await expect(page.getByText(/Waits for YouTube/)).toBeVisible();
  await make.rules([]);
  await page.getByRole("button", { name: "Ask again now" }).click();
  await expect(page.getByText(/YouTube is left alone until/)).toBeHidden();
  await expect(
    page.getByRole("listitem").filter({ hasText: list.name }).getByText("Done", { exact: true }),
  ).toBeVisible();
});

test("a run that is paused in one tab is paused in the other", async ({ page, context, make }) => {
  await make.rules([{ do: "slow:6000", prefix: "slw", times: 1000 }]);
  const list = await make.list("paused");
  const other = await context.newPage();

  await make.import(list.id, ids(300, "slw").join("\n"));
  await other.goto("runs");
  await page.goto("runs");
  const card = (one: typeof page) => one.getByRole("listitem").filter({ hasText: list.name });
  await card(page).getByRole("button", { name: "Pause" }).click();
  await expect(card(other).getByRole("button", { name: "Resume" })).toBeVisible();
  await make.rules([]);
  await card(other).getByRole("button", { name: "Resume" }).click();
  await expect(card(page).getByText("300 done")).toBeVisible({ timeout: 40_000 });
});

test("a tab that nobody sees lets its connection go, and hears what it has missed", async ({
  page,
  make,
}) => {
  const see = (isSeen: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, !isSeen);
  const stream = /\/api\/events(\?|$)/;
  const listens = page.waitForRequest(stream);

  await page.goto("runs");
  await listens;
  const letGo = page.waitForEvent("requestfailed", (request) => stream.test(request.url()));
  await see(false);
  await letGo;
  const list = await make.filled("unseen", ids(3, "uns"));
  const again = page.waitForRequest(stream);
  await see(true);
  await again;
  await expect(
    page.getByRole("listitem").filter({ hasText: list.name }).getByText("Done", { exact: true }),
  ).toBeVisible();
});
