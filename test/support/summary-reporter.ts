import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with the tests that passed only when repeated, as a flaky test must not hide, and with one line that people
 * and scripts can read: `Tests: 12 passed, 0 failed, 3 skipped`.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    let brokenFiles = 0;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        count[test.result().state] += 1;
        if (test.diagnostic()?.flaky)
          process.stdout.write(
            `\nFlaky, passed when repeated: ${module.relativeModuleId} > ${test.fullName}\n`,
          );
      }
      if (tests.length === 0 && module.state() === 'failed') brokenFiles += 1;
    }
    const skipped = count.skipped + count.pending;
    process.stdout.write(
      `\nTests: ${count.passed} passed, ${count.failed + brokenFiles} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    );
  }
}
