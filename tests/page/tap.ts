import type { FullConfig, Reporter, Suite, TestCase, TestResult } from "@playwright/test/reporter";

/** Tells Playwright's results as TAP, which meson counts. */
export default class Tap implements Reporter {
  private number = 0;

  onBegin(_config: FullConfig, suite: Suite) {
    process.stdout.write(`1..${suite.allTests().length}\n`);
  }

  onTestEnd(test: TestCase, result: TestResult) {
    const name = test.titlePath().slice(2).join(" / ").replace(/#/g, "");
    this.number += 1;
    process.stdout.write(
      `${result.status === "passed" ? "" : "not "}ok ${this.number} - ${name}\n`,
    );
    for (const error of result.errors) {
      for (const line of (error.stack ?? error.message ?? "").split("\n")) {
        process.stdout.write(`# ${line}\n`);
      }
    }
  }

  /* What a test has measured, which it writes as a comment. */
  onStdOut(chunk: string | Buffer) {
    process.stdout.write(chunk);
  }

  printsToStdio() {
    return true;
  }
}
