import { configDefaults, defineConfig } from 'vitest/config';

/** Minutes of real processes and browsers: `npm run test:long`. The rest stays under five minutes on two cores. */
const LONG = [
  'test/cli/**/*.test.ts',
  'test/recovery/{commands,outage}.test.ts',
  'test/money/budget.test.ts',
  'test/api/contract.test.ts',
  'test/api/crowd.test.ts',
  'test/browser/{many-results,overview,operate}.test.ts',
  'test/pipeline/fallback.test.ts',
  'test/build/barcodes.test.ts',
];
/** Google's clients of other languages: `npm run test:clients`. */
const CLIENTS = ['test/clients/**/*.test.ts'];

const long = process.env['TEST_LONG'] === '1';
const clients = process.env['TEST_CLIENTS'] === '1';

export default defineConfig({
  test: {
    include: clients ? CLIENTS : long ? LONG : ['test/**/*.test.ts'],
    ...(clients ? { globalSetup: './test/clients/prepare.ts' } : {}),
    exclude: [...configDefaults.exclude, ...(clients ? [] : [...CLIENTS, ...(long ? [] : LONG)])],
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
