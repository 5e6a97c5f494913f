import { globSync } from 'node:fs';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

/** Minutes of real processes and browsers: `npm run test:long`. The rest is to stay under four minutes on two cores. */
const LONG = [
  'test/cli/**/*.test.ts',
  'test/recovery/{commands,outage}.test.ts',
  'test/money/budget.test.ts',
  'test/api/contract.test.ts',
  'test/api/crowd.test.ts',
  'test/browser/{many-results,overview,operate}.test.ts',
  'test/pipeline/fallback.test.ts',
  'test/build/barcodes.test.ts',
  'test/bench/{commands,path}.test.ts',
];
/** Google's clients of other languages: `npm run test:clients`. */
const CLIENTS = ['test/clients/**/*.test.ts'];

/** Code without servers and processes: these share a worker, which saves loading everything for each file. */
const TOGETHER =
  'test/{bench,config,events,gemini,model,profiles,resilience,resize,results,structure,terraform}/**/*.test.ts';
/** Those among them that start processes. */
const APART = [
  'test/bench/{commands,path}.test.ts',
  'test/events/last-words.test.ts',
  'test/profiles/reference-files.test.ts',
];

const together = globSync(TOGETHER, { cwd: import.meta.dirname }).filter((file) => !APART.includes(file));

const long = process.env['TEST_LONG'] === '1';
const clients = process.env['TEST_CLIENTS'] === '1';

const everything = [
  { name: 'together', isolate: false, include: together },
  {
    name: 'apart',
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...together, ...CLIENTS, ...LONG],
  },
];
const projects = clients
  ? [{ name: 'clients', include: CLIENTS, globalSetup: './test/clients/prepare.ts' }]
  : long
    ? [{ name: 'long', include: LONG }]
    : everything;

/** Each test file starts Node anew, many of them functions too: what one has compiled, the others need not. */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.cache/compiled');

export default defineConfig({
  test: {
    projects: projects.map((test) => ({ extends: true, test })),
    // Two cores: more workers only make the crash and timing tests fight for the processor.
    maxWorkers: 2,
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
