import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { SlowFirst } from './test/support/slow-first.ts';

/** Minutes of real processes and browsers: `npm run test:long`. The rest is to stay under five minutes on two cores. */
const LONG = [
  'test/cli/**/*.test.ts',
  'test/batch/{at-once,crashes,killed-anywhere,large,operators}.test.ts',
  'test/recovery/{commands,outage}.test.ts',
  'test/money/budget.test.ts',
  'test/api/contract.test.ts',
  'test/api/crowd.test.ts',
  'test/browser/{many-results,overview,operate,profiles,review}.test.ts',
  'test/api/away.test.ts',
  'test/contract/storage-{gcloud,rclone}.test.ts',
  'test/local/photographs.test.ts',
  'test/pipeline/fallback.test.ts',
  'test/build/barcodes.test.ts',
  'test/bench/{commands,path}.test.ts',
  'test/evaluation/readability.test.ts',
];
/** Google's clients of other languages: `npm run test:clients`. */
const CLIENTS = ['test/clients/**/*.test.ts'];

const long = process.env['TEST_LONG'] === '1';
const clients = process.env['TEST_CLIENTS'] === '1';

/**
 * Files share a worker with those before them, which saves loading everything again for each: whatever a file starts or
 * sets it ends and takes back.
 */
const everything = {
  ...{ name: 'all', isolate: false, include: ['test/**/*.test.ts'] },
  exclude: [...configDefaults.exclude, ...CLIENTS, ...LONG],
};
const projects = clients
  ? [{ name: 'clients', include: CLIENTS, globalSetup: './test/clients/prepare.ts' }]
  : long
    ? [{ name: 'long', include: LONG }]
    : [everything];

/** Workers and functions start Node anew: what one has compiled, the others need not. */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.cache/compiled');

export default defineConfig({
  test: {
    projects: projects.map((test) => ({ extends: true, test })),
    // A third of a file's time is waiting: three workers keep two cores busy.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
    // The real clients must neither look for Google's metadata server nor find somebody's own credentials.
    env: { METADATA_SERVER_DETECTION: 'none', GOOGLE_CLOUD_PROJECT: 'local' },
    // Real processes on a shared machine: a limit that a busy neighbor can reach tells nothing.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // A flaky test does not hold up a landing; the reporter names it.
    retry: process.env['CI'] ? 2 : 0,
    reporters: ['default', './test/support/summary-reporter.ts'],
  },
});
