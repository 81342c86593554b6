/* Words: both languages say all, with the same blanks to fill, and whatever the page asks for is there. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const kit = "web/page/src/kit";
const dashboard = "web/page/src/dashboard";
const bookmarks = "bookmarks/page/src";

type Tree = { [key: string]: string | Tree };

const read = (path: string) => readFileSync(new URL(path, root), "utf8");

function flat(tree: Tree, above = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = above ? `${above}.${key}` : key;
    if (typeof value === "string") {
      found.set(path, value);
    } else {
      for (const [below, text] of flat(value, path)) {
        found.set(below, text);
      }
    }
  }
  return found;
}

const texts = (folder: string, language: string) =>
  flat(JSON.parse(read(`${folder}/texts/${language}.json`)) as Tree);
const blanks = (text = "") => [...text.matchAll(/\{\{\s*(\w+)/g)].map((found) => found[1]).sort();

test.each([kit, dashboard, bookmarks])("%s says in German what it says in English", (folder) => {
  const [en, de] = [texts(folder, "en"), texts(folder, "de")];

  expect([...de.keys()].sort()).toEqual([...en.keys()].sort());
  for (const [key, text] of en) {
    expect(text.trim(), key).not.toBe("");
    expect(de.get(key)?.trim(), key).not.toBe("");
    expect(blanks(de.get(key)), key).toEqual(blanks(text));
  }
});

function sources(folder: string) {
  const at = fileURLToPath(new URL(folder, root));
  return readdirSync(at, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith("schema.ts"))
    .map((name) => `${folder}/${name}`);
}

/** All keys with their namespaces: "kit:close", "queue:views.jobs", "nav:name". */
const known = new Set<string>();
for (const key of texts(kit, "en").keys()) {
  known.add(`kit:${key}`);
}
for (const key of texts(dashboard, "en").keys()) {
  known.add(`queue:${key}`);
}
for (const key of texts(bookmarks, "en").keys()) {
  known.add(key.replace(".", ":"));
}

const isThere = (key: string) =>
  known.has(key) || (known.has(`${key}_one`) && known.has(`${key}_other`));

/** A key with something in it that only the page knows: any that fits will do. */
function fits(pattern: string) {
  const [before = "", ...after] = pattern.split(/\$\{[^}]*\}+/);
  const last = after.at(-1) ?? "";
  return [...known].some(
    (key) => key.startsWith(before) && key.replace(/_(one|other)$/, "").endsWith(last),
  );
}

test.each([kit, dashboard, bookmarks])("%s asks for no text that is not there", (folder) => {
  const missing: string[] = [];

  for (const path of sources(folder)) {
    const source = read(path);
    const namespace = /useTranslation\("(\w+)"\)/.exec(source)?.[1];
    const whole = (key: string) => (key.includes(":") || !namespace ? key : `${namespace}:${key}`);
    for (const [, key = ""] of source.matchAll(/\bt\(\s*"([^"]+)"/g)) {
      if (!isThere(whole(key))) {
        missing.push(`${path}: ${key}`);
      }
    }
    for (const [, key = ""] of source.matchAll(/\bt\(\s*`([^`]+)`/g)) {
      if (!fits(whole(key))) {
        missing.push(`${path}: ${key}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

/** What a source may mean by its strings: whole keys, and such with blanks that only the page knows. */
function meant(folder: string) {
  const keys = new Set<string>();
  const patterns: RegExp[] = [];

  for (const path of sources(folder)) {
    const source = read(path);
    const own = folder === bookmarks ? undefined : folder === kit ? "kit" : "queue";
    const namespace = /useTranslation\("(\w+)"\)/.exec(source)?.[1] ?? own;
    const whole = (key: string) => (key.includes(":") || !namespace ? key : `${namespace}:${key}`);
    for (const [, key = ""] of source.matchAll(/"([\w:.-]+)"/g)) {
      keys.add(whole(key));
    }
    for (const [, key = ""] of source.matchAll(/`([\w:.-]*(?:\$\{[^`]*\}[\w:.-]*)+)`/g)) {
      const parts = key.split(/\$\{[^}]*\}+/).map((part) => part.replaceAll(".", "\\."));
      /* "${a}.${b}" would mean everything. */
      if (/\w[:.]/.test(whole(key.replace(/\$\{[^}]*\}+/g, "")))) {
        patterns.push(new RegExp(`^${whole(parts.join("[^.]+"))}$`));
      }
    }
  }
  return { keys, patterns };
}

test("every text is one that a source means", () => {
  const all = [kit, dashboard, bookmarks].map(meant);
  const isMeant = (key: string) =>
    all.some(({ keys, patterns }) => keys.has(key) || patterns.some((one) => one.test(key)));

  expect(
    [...known].filter((key) => !isMeant(key) && !isMeant(key.replace(/_(one|other)$/, ""))),
  ).toEqual([]);
});
