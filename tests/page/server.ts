/*
 * The page as a test meets it: a browser on a server of its own, whose outside world is a stand-in. Each
 * worker of Playwright starts one (place.py); each test gets lists of its own in it.
 *
 *     test("a video is added by its address", async ({ page, make }) => {
 *       const list = await make.list("talks");
 *       await page.goto(`lists/${list.id}`);
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import * as readline from "node:readline";
import { fileURLToPath } from "node:url";
import { type APIRequestContext, test as base, expect } from "@playwright/test";

export { expect };

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

export type Told = { url: string; outside: string; pid: number; told?: string };

export class Place {
  private answers: readline.Interface;
  told: Told = { url: "", outside: "", pid: 0 };

  private constructor(private process: ChildProcess) {
    if (!process.stdout) {
      throw new Error("place.py has no output");
    }
    this.answers = readline.createInterface({ input: process.stdout });
  }

  static async open(args: string[]) {
    const child = spawn("/usr/bin/python3", [path.join(root, "tests/page/place.py"), ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const place = new Place(child);
    await place.answer();
    return place;
  }

  private async answer() {
    const [line] = (await Promise.race([
      once(this.answers, "line"),
      once(this.process, "exit").then(() => {
        throw new Error("place.py ended");
      }),
    ])) as [string];
    this.told = JSON.parse(line) as Told;
  }

  /** "restart", "stop", "start", "import FILE LIST": see place.py. What it printed, if it does. */
  async command(line: string) {
    this.process.stdin?.write(`${line}\n`);
    await this.answer();
    return this.told.told ?? "";
  }

  async close() {
    this.process.stdin?.end();
    await once(this.process, "exit");
  }
}

/** What place.py is told for barq web, on a queue in the broker that the project is about. */
export function dashboard(storage: string) {
  const queue = storage === "sqlite" ? "sqlite" : "redis";
  return [
    "--dashboard",
    "--queue",
    queue,
    "--module",
    `${process.env.BUILD_ROOT}/tests/page/shown.so`,
  ];
}

/** Makes what a test starts from, by the API. */
export class Maker {
  constructor(
    readonly request: APIRequestContext,
    private place: Place,
  ) {}

  private at(address: string) {
    return new URL(address, this.place.told.url).href;
  }

  async post<Answer>(address: string, data: unknown): Promise<Answer> {
    const answer = await this.request.post(this.at(address), { data });
    expect(answer.ok(), `${address}: ${answer.status()} ${await answer.text()}`).toBe(true);
    return (await answer.json()) as Answer;
  }

  async get<Answer>(address: string): Promise<Answer> {
    const answer = await this.request.get(this.at(address));
    expect(answer.ok(), `${address}: ${answer.status()}`).toBe(true);
    return (await answer.json()) as Answer;
  }

  /** A name that no other test has. */
  name(word: string) {
    return `${word} ${Math.random().toString(36).slice(2, 8)}`;
  }

  list(word = "list", more: object = {}) {
    return this.post<{ id: string; name: string }>("api/lists", { name: this.name(word), ...more });
  }

  /** Videos by their ids or addresses, which the stand-in makes up facts for; processed if asked. */
  import(listId: string, text: string, process = true) {
    return this.post<{ added: number; run_id: string | null }>(
      `api/lists/${listId}/import?process=${process}`,
      { text },
    );
  }

  /** Until the run is over. */
  async finished(runId: string) {
    await expect
      .poll(async () => (await this.get<{ status: string }>(`api/runs/${runId}`)).status, {
        timeout: 60_000,
      })
      .not.toBe("running");
  }

  /** A list with its videos processed. */
  async filled(word: string, ids: string[], more: object = {}) {
    const list = await this.list(word, more);
    const report = await this.import(list.id, ids.join("\n"));
    if (report.run_id) {
      await this.finished(report.run_id);
    }
    return list;
  }

  /** What the stand-in does wrong from now on: see support/outside.py. */
  async rules(rules: object[]) {
    const answer = await this.request.post(`${this.place.told.outside}/control`, { data: rules });
    expect(answer.ok()).toBe(true);
  }
}

type Fixtures = { make: Maker };
type WorkerFixtures = { place: Place; storage: "sqlite" | "postgresql-redis" };

export const test = base.extend<Fixtures, WorkerFixtures>({
  storage: ["sqlite", { option: true, scope: "worker" }],

  place: [
    async ({ storage }, use) => {
      const place = await Place.open(
        storage === "sqlite" ? [] : ["--database", "postgresql", "--queue", "redis"],
      );
      await use(place);
      await place.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],

  baseURL: async ({ place }, use) => {
    await use(place.told.url);
  },

  /* Nothing leaves the machine: pictures and players are not there, as for somebody offline. */
  context: async ({ context, place }, use) => {
    await context.route(
      (url) => !url.href.startsWith(place.told.url),
      (route) => route.abort("internetdisconnected"),
    );
    await use(context);
  },

  make: async ({ request, place }, use) => {
    await use(new Maker(request, place));
  },
});
