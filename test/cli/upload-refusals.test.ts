import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../local/endpoints.ts';
import { UPLOADS_BUCKET } from '../../local/topology.ts';
import { type RunningApi, startApi } from '../api/running-api.ts';
import { type Ended, jsonLines, type RunOptions, runCommand } from './command-line.ts';

const MAX_BYTES = 50_000;

let api: RunningApi;
let dir: string;
let folders = 0;

beforeAll(async () => {
  api = await startApi({ MAX_BYTES: String(MAX_BYTES) });
  const { storage, firestore, pubsub, clientEnv } = api.cloud;
  dir = await mkdtemp(join(tmpdir(), 'refusals-'));
  await writeEndpoints(dir, {
    page: api.url,
    storage: storage.url,
    firestore: firestore.host,
    pubsub: pubsub.url,
    clientEnv: { ...clientEnv },
  });
});

afterAll(async () => {
  await api.close();
  await rm(dir, { recursive: true, force: true });
});

const upload = (args: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  runCommand(['upload', ...args], {
    ...options,
    env: { PIPELINE_DATA: dir, XDG_CACHE_HOME: join(dir, 'cache'), ...options.env },
  });

/** A new folder with files of this many bytes. */
async function folderOf(files: Record<string, number>): Promise<string> {
  folders += 1;
  const folder = join(dir, `folder-${folders}`);
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(folder, name), '');
    await truncate(join(folder, name), bytes);
  }
  return folder;
}

const names = async (prefix: string): Promise<string[]> => {
  const [files] = await api.storage.bucket(UPLOADS_BUCKET).getFiles({ prefix });
  return files.map(({ name }) => name);
};

/** A deployment as the environment names it, played by the local servers. */
const deployment = (env: Record<string, string> = {}): RunOptions => ({
  env: { ...api.cloud.clientEnv, ...env },
});
const NAMED = ['--project', 'local', '--bucket', UPLOADS_BUCKET];

describe('pipeline upload', () => {
  it('refuses a file that the pipeline finds too large before it is sent, and sends the others', async () => {
    const folder = await folderOf({ 'fits.jpg': MAX_BYTES, 'large.jpg': MAX_BYTES + 1 });
    const { code, stdout, stderr } = await upload([folder, '--prefix', 'limit']);
    expect(stderr).toBe(
      '✗ limit/large.jpg was not sent. The file has 50001 bytes; at most 50000 are accepted.\n' +
        '  Upload a smaller file, or raise MAX_BYTES.\n',
    );
    expect(stdout).toMatch(/^1 file sent \(50 KB\), 1 file not sent in/);
    expect(code).toBe(1);
    expect(await names('limit/')).toEqual(['limit/fits.jpg']);
  });

  it('takes the limit of a deployment from MAX_BYTES', async () => {
    const folder = await folderOf({ 'large.jpg': 2_001 });
    const { stderr } = await upload([folder, ...NAMED], deployment({ MAX_BYTES: '2000' }));
    expect(stderr).toContain('The file has 2001 bytes; at most 2000 are accepted.');
  });

  it('refuses what no deployment takes when nobody has said the limit of this one', async () => {
    const folder = await folderOf({ 'fits.jpg': MAX_BYTES + 1, 'huge.jpg': 500_000_001 });
    const { stdout, stderr } = await upload([folder, '--prefix', 'unknown', ...NAMED], deployment());
    expect(stderr).toContain(
      'unknown/huge.jpg was not sent. The file has 500000001 bytes; at most 500000000',
    );
    expect(stdout).toMatch(/^1 file sent/);
  });

  it('names a MAX_BYTES that no function would start with', async () => {
    const folder = await folderOf({ 'any.jpg': 10 });
    const { code, stderr } = await upload([folder, ...NAMED], deployment({ MAX_BYTES: '50 MB' }));
    expect(stderr).toBe(
      '✗ MAX_BYTES is "50 MB": expected a whole number of bytes.\n' +
        '  Give it the value that the functions have, or leave it out.\n',
    );
    expect(code).toBe(1);
  });

  it('refuses a file whose name is too long for Cloud Storage, and sends the others', async () => {
    const folder = await folderOf({ 'a.jpg': 10, [`${'b'.repeat(200)}.jpg`]: 10 });
    const { code, stdout, stderr } = await upload([folder, '--prefix', `long/${'p'.repeat(900)}`]);
    expect(stderr).toMatch(
      /was not sent\. Its name has 1110 bytes; Cloud Storage takes at most 1024\.\n {2}Rename the file or choose a shorter --prefix\.\n$/,
    );
    expect(stdout).toMatch(/^1 file sent \(10 B\), 1 file not sent in/);
    expect(code).toBe(1);
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a file with a line break in its name, and sends the others',
    async () => {
      const folder = await folderOf({ 'two\nlines.jpg': 10, 'fine.jpg': 10 });
      const { code, stdout, stderr } = await upload([folder, '--prefix', 'broken']);
      expect(stderr).toBe(
        '✗ broken/two lines.jpg was not sent. Cloud Storage takes no name with a line break.\n' +
          '  Rename the file.\n',
      );
      expect(stdout).toMatch(/^1 file sent \(10 B\), 1 file not sent in/);
      expect(code).toBe(1);
      expect(await names('broken/')).toEqual(['broken/fine.jpg']);
      const json = await upload([folder, '--prefix', 'broken', '--json']);
      expect(jsonLines(json.stdout)).toMatchObject([
        {
          upload: 'failed',
          error: 'Cloud Storage takes no name with a line break.',
          hint: 'Rename the file.',
        },
        { upload: 'there-already', url: `gs://${UPLOADS_BUCKET}/broken/fine.jpg` },
      ]);
    },
  );
});
