import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: more workers only make the crash and timing tests fight for the processor.
    maxWorkers: 2,
    // The real clients must neither look for Google's metadata server nor find somebody's own credentials.
    env: { METADATA_SERVER_DETECTION: 'none', GOOGLE_CLOUD_PROJECT: 'local' },
    // Real processes on a shared machine: a limit that a busy neighbor can reach tells nothing.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: process.env['CI'] ? 2 : 0,
    reporters: ['default', './test/support/summary-reporter.ts'],
  },
});
