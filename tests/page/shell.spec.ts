import { readFileSync } from "node:fs";
import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { expect, Place, test } from "./server.ts";

const pages = ["", "videos", "runs", "tags", "channels", "subscriptions", "settings", "queue"];

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

test("? tells the keys, and Escape leaves", async ({ page }) => {
  await page.goto("");
  await expect(page.getByRole("navigation")).toBeVisible();
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toContainText("Search and filter");
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
});

test("a dark system has a dark page from the first moment on", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(".");
  await expect(page.locator("html")).toHaveClass(/dark/);
  await expect(page.getByRole("heading").first()).toBeVisible();
});

test("colours are chosen, and stay chosen", async ({ page }) => {
  const html = page.locator("html");
  const choose = async (name: string) => {
    await page.getByRole("combobox", { name: "Colours" }).click();
    await page.getByRole("option", { name }).click();
  };

  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("settings");
  await choose("Dark");
  await expect(html).toHaveClass(/dark/);
  await page.reload();
  await expect(html).toHaveClass(/dark/);
  await choose("As the system");
  await expect(html).not.toHaveClass(/dark/);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(html).toHaveClass(/dark/);
  await choose("Light");
  await expect(html).not.toHaveClass(/dark/);
  await expect(page.locator("meta[name=theme-color]")).toHaveAttribute("content", /^#f/);
});

type Tree = { [key: string]: string | Tree };
const words = (tree: Tree): string[] =>
  Object.values(tree).flatMap((value) => (typeof value === "string" ? [value] : words(value)));

/** What is said in English and not so in German, as far as there is nothing to fill in. */
function onlyEnglish() {
  const read = (path: string) =>
    words(JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")) as Tree);
  const folders = [
    "bookmarks/page/src/texts",
    "web/page/src/kit/texts",
    "web/page/src/dashboard/texts",
  ];
  const german = new Set(folders.flatMap((folder) => read(`${folder}/de.json`)));
  const english = folders.flatMap((folder) => read(`${folder}/en.json`));
  return new Set(english.filter((text) => !german.has(text) && !text.includes("{{")));
}

/** All that is said on the page, to eyes and to those who are read to. */
const said = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = [];
    for (const one of document.querySelectorAll("body *")) {
      for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        found.push(one.getAttribute(name) ?? "");
      }
      for (const node of one.childNodes) {
        found.push(node.nodeType === Node.TEXT_NODE ? (node.textContent ?? "").trim() : "");
      }
    }
    return found.filter((text) => text !== "");
  });

test("in German no English is left", async ({ page, make }) => {
  const list = await make.filled("deutsch", ["jNQXAC9IVRw"]);
  const english = onlyEnglish();
  for (const one of await make.get<{ name: string }[]>("api/lists")) {
    english.delete(one.name); // a user's word
  }
  const left: string[] = [];

  await page.goto("settings");
  await page.getByRole("combobox", { name: "Language" }).click();
  await page.getByRole("option", { name: "Deutsch" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByRole("link", { name: "Warteschlange" })).toBeVisible();
  for (const address of [...pages, `lists/${list.id}`, `lists/${list.id}/statistics`]) {
    await page.goto(address);
    await expect(page.locator("main")).not.toBeEmpty();
    await page.waitForLoadState("load");
    left.push(...(await said(page)).filter((text) => english.has(text)));
  }
  expect(left).toEqual([]);
});

test("no page does what its own policy forbids", async ({ page, make }) => {
  const list = await make.filled("policy", ["jNQXAC9IVRw"]);
  const [video] = await make.get<{ id: string }[]>(`api/lists/${list.id}/videos`);
  const wrong: string[] = [];

  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) {
      wrong.push(message.text());
    }
  });
  await page.exposeFunction("tellViolation", (text: string) => wrong.push(text));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      const tell = (window as unknown as { tellViolation: (text: string) => void }).tellViolation;
      tell(`${location.pathname}: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  for (const address of [...pages, `lists/${list.id}`, `lists/${list.id}?video=${video?.id}`]) {
    const answer = await page.goto(address);
    expect(answer?.headers()["content-security-policy"]).toContain("default-src 'none'");
    await expect(page.locator("main")).not.toBeEmpty();
  }
  expect(wrong).toEqual([]);
});

test("a lost connection is told, and comes back by itself", async ({ page, place }) => {
  await page.goto("runs");
  await expect(page.getByRole("navigation")).toBeVisible();
  await place.command("stop");
  const lost = page.getByText("The server does not answer. This page reconnects by itself.");
  await expect(lost).toBeVisible();
  await place.command("start");
  await expect(lost).toBeHidden();
});

test("a password is asked for, a wrong one is refused in words", async ({ browser, storage }) => {
  test.skip(storage !== "sqlite", "no database has a part in it");
  const place = await Place.open(["--set", "BOOKMARKS_PASSWORD=correct horse"]);
  const page = await browser.newPage();

  await page.goto(place.told.url);
  await page.getByLabel("Password").fill("wrong horse");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("navigation")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("navigation")).toBeVisible();
  await page.close();
  await place.close();
});

/** A proxy that shows `target` below `prefix`, which it takes away from what it asks for, or leaves. */
async function proxy(target: string, prefix: string, strips: boolean) {
  const server = createServer((request, answer) => {
    const address = request.url ?? "/";
    if (!address.startsWith(prefix)) {
      answer.writeHead(404).end();
      return;
    }
    const path = strips ? address.slice(prefix.length) : address;
    const onward = ask(
      new URL(target).origin + path,
      { method: request.method, headers: request.headers },
      (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      },
    );
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}${prefix}/`, close };
}

for (const strips of [true, false]) {
  test(`below a path, by a proxy that ${strips ? "strips" : "leaves"} it`, async ({
    browser,
    storage,
  }) => {
    test.skip(storage !== "sqlite", "no database has a part in it");
    const place = await Place.open(["--set", "BOOKMARKS_BASE_PATH=/my/videos"]);
    const front = await proxy(place.told.url, "/my/videos", strips);
    const page = await browser.newPage();
    const outside: string[] = [];

    page.on("request", (request) => {
      if (request.url().startsWith("http://127") && !request.url().startsWith(front.url)) {
        outside.push(request.url());
      }
    });
    await page.goto(front.url);
    await page.getByRole("button", { name: "New list" }).click();
    await page.getByLabel("Name of the new list").fill("talks");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/my\/videos\/lists\/[^/]+$/);
    await page.reload();
    await expect(page.getByRole("link", { name: "talks" })).toBeVisible();
    await page.getByRole("link", { name: "Queue" }).click();
    await expect(page.getByRole("tab", { name: "Jobs" })).toBeVisible();
    expect(outside).toEqual([]);
    await page.close();
    await front.close();
    await place.close();
  });
}

test("it can be installed, and what is shared with it is added", async ({
  page,
  request,
  place,
}) => {
  await page.goto("");
  const address = await page
    .locator("link[rel=manifest]")
    .evaluate((link: HTMLLinkElement) => link.href);
  const answer = await request.get(address);
  const manifest = (await answer.json()) as {
    icons: { src: string; type: string; sizes: string; purpose?: string }[];
    share_target: { method: string; params: { text: string } };
    start_url: string;
  };

  expect(answer.headers()["content-type"]).toContain("application/manifest+json");
  expect(new URL(manifest.start_url, address).href).toBe(place.told.url);
  expect(manifest.share_target).toMatchObject({ method: "GET", params: { text: "add" } });
  expect(manifest.icons.map((icon) => icon.sizes)).toContain("192x192");
  expect(manifest.icons.some((icon) => icon.purpose === "maskable")).toBe(true);
  for (const icon of manifest.icons) {
    const picture = await request.get(new URL(icon.src, address).href);
    expect(picture.headers()["content-type"]).toBe(icon.type);
  }
});

test("without its server it opens, says so, keeps nothing of the API, and comes back", async ({
  browser,
  place,
}) => {
  const context = await browser.newContext({ serviceWorkers: "allow", baseURL: place.told.url });
  const page = await context.newPage();

  await page.goto("");
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload();
  await expect(page.getByRole("navigation")).toBeVisible();
  const kept = await page.evaluate(async () => {
    const all = await Promise.all(
      (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
    );
    return all.flat().map((request) => new URL(request.url).pathname);
  });
  expect(kept).toContain("/");
  expect(kept.filter((path) => path !== "/" && !path.startsWith("/assets/"))).toEqual([]);

  await place.command("stop");
  await page.goto("runs");
  await expect(page.getByText("The server does not answer.")).toBeVisible();
  await place.command("start");
  await expect(page.getByRole("navigation")).toBeVisible();
  await context.close();
});
