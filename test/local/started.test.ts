import { type ChildProcess, execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEndpoints } from '../../local/endpoints.ts';
import { gcloudUpload } from '../../shared/cloud/storage/gcloud.ts';
import { MAIN, Machine } from './npm-start.ts';

let machine: Machine;
let child: ChildProcess;
let greeting: string;
let printed: () => string;
beforeAll(async () => {
  machine = await Machine.make();
  ({ child, greeting, printed } = await machine.start({
    ...{ MAX_BYTES: '5000', DAILY_BUDGET_USD: '2', FALLBACK: 'local-reader', SIMULATOR_KEYS: 'mine' },
    // As in a person's shell.
    METADATA_SERVER_DETECTION: undefined,
  }));
});
afterAll(() => machine.end());

describe('npm start, once it is up,', () => {
  it('prints the page, which model answers and the commands to type, and listens on this machine only', async () => {
    expect(greeting).toContain(`http://127.0.0.1:${machine.port}`);
    expect(greeting).toContain('the local reader');
    expect(greeting).toContain(gcloudUpload('uploads', 'inventory', `http://127.0.0.1:${machine.port + 1}`));
    const page = await fetch(`http://127.0.0.1:${machine.port}/`);
    expect(page.status).toBe(200);
  });

  it('hands the functions what the shell has set and greets with it, says that a fallback stands by, lets in the keys it is told, and has a log for every process, the page among them', async () => {
    expect(greeting).toMatch(/Fallback +the local reader/);
    const withKey = async (key: string) =>
      (await fetch(`${(await readEndpoints(machine.dataDir))?.gemini}/v1beta/models?key=${key}`)).status;
    expect([await withKey('mine'), await withKey('other')]).toEqual([200, 400]);
    // Its variables are those of the functions too.
    expect(greeting).toContain('MAX_BYTES=5000 (by default 50000000)');
    expect(greeting).toContain('DAILY_BUDGET_USD=2 (by default 10)');
    const sent = new FormData();
    sent.set('file', new Blob([Buffer.alloc(6_000)], { type: 'image/jpeg' }), 'a.jpg');
    const refused = await fetch(`http://127.0.0.1:${machine.port}/v1/images`, { method: 'POST', body: sent });
    expect([refused.status, (await refused.json()) as unknown]).toMatchObject([
      413,
      { code: 'TOO_MANY_BYTES' },
    ]);
    for (const name of ['api', 'resize-image', 'analyze-image', 'local-reader']) {
      expect(await readFile(join(machine.dataDir, 'logs', `${name}.log`), 'utf8')).toMatch(
        /^Process \d+ was started\.$/m,
      );
    }
  });

  it('beside one that runs says where that one is, and ends', async () => {
    await expect(machine.start()).rejects.toThrow(
      `process ${child.pid}) is running at http://127.0.0.1:${machine.port}`,
    );
  });

  it('on a port in use says which, and how to choose others', async () => {
    const other = await Machine.make();
    const ended = new Promise<string>((resolve) =>
      execFile(
        process.execPath,
        [MAIN, '--port', String(machine.port), '--data', other.dataDir],
        (_error, _out, stderr) => resolve(stderr),
      ),
    );
    expect(await ended).toMatch(new RegExp(`Port ${machine.port}.* in use.*npm start -- --port`));
    await other.end();
  });

  it('says nothing more while nothing happens', () => {
    expect(printed().slice(greeting.length)).toBe('');
  });
});
