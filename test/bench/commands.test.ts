import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', ...args]);

describe('the commands', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-commands-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('print a benchmark as one line of JSON with command, machine and figures', {
    timeout: 90_000,
  }, async () => {
    const { stdout } = await run('bench/main.ts', 'model-client', '--short', '--json');
    const told = JSON.parse(stdout) as { figures: { name: string; value: number }[] };
    expect(told).toMatchObject({ bench: 'model-client', short: true, node: process.version });
    expect(told.figures.every(({ value }) => Number.isFinite(value))).toBe(true);
  });

  it('name the benchmarks there are when asked for another', async () => {
    await expect(run('bench/main.ts', 'nothing')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no benchmark nothing; there are: resize, event'),
    });
  });

  it('write the report of a load test as page and as JSON', async () => {
    const flags = ['--images', '6', '--concurrency', '2', '--model-ms', '0', '--megapixels', '1'];
    await run('bench/loadtest/main.ts', ...flags, '--report', folder);
    const told = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
    expect(told.levels).toMatchObject([{ sent: 6, succeeded: 6, failed: {}, saturated: false }]);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('2 under way');
  });

  it('ask before a load test sends anything to a deployment', async () => {
    await expect(run('bench/loadtest/main.ts', '--target', 'http://127.0.0.1:9/')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/sends up to 300 pictures .*\n.*Nothing was sent/),
    });
  });
});
