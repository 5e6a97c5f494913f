import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const LOAD_ENV = new URL('../../bin/load-env.mjs', import.meta.url).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'env-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

const printed = (env: Record<string, string> = {}) =>
  promisify(execFile)(
    process.execPath,
    ['--import', LOAD_ENV, '-p', 'JSON.stringify([process.env.MAX_BYTES, process.env.FALLBACK])'],
    { cwd: folder, env },
  );

describe('the file .env of the folder in which a command is typed', () => {
  it('gives variables, and what the shell has set stays', async () => {
    await writeFile(join(folder, '.env'), 'MAX_BYTES=5000\nFALLBACK=local-reader\n');
    const { stdout } = await printed({ MAX_BYTES: '7000' });
    expect(JSON.parse(stdout)).toEqual(['7000', 'local-reader']);
  });

  it('may be absent without a word', async () => {
    expect((await printed()).stderr).toBe('');
  });
});
