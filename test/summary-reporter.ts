/** Prints the totals of a run as its last line: `N passed, N failed`, and skipped tests with their reasons before it. */
import type { Reporter, TestModule } from "vitest/node";

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed" || state === "failed") count[state] += 1;
        else {
          count.skipped += 1;
          const note =
            test.result().state === "skipped" ? (test.result() as { note?: string }).note : undefined;
          console.log(`skipped: ${test.fullName}${note === undefined ? "" : ` (${note})`}`);
        }
      }
      // A file that cannot be loaded has no tests, but it is a failure.
      if (module.state() === "failed" && module.errors().length > 0) count.failed += module.errors().length;
    }
    const checks = process.env.CHECKS_FAILED;
    if (checks === "1") count.failed += 1;
    else if (checks === "0") count.passed += 1;
    // After the reports of the other reporters.
    process.on("exit", () => {
      const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
      console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
    });
  }
}
