import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StorageServer, startStorageServer } from '../../local/storage/server.ts';

function rcloneIsInstalled(): boolean {
  try {
    execFileSync('rclone', ['version'], { stdio: 'ignore', timeout: 15_000 });
    return true;
  } catch {
    return false;
  }
}

const run = promisify(execFile);
let folder: string;
let server: StorageServer;

/** rclone with the variables of `pipeline env`. */
async function rclone(...args: string[]): Promise<string> {
  const { stdout } = await run('rclone', ['--retries', '1', ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      RCLONE_GCS_ENDPOINT: `${server.url}/storage/v1/`,
      RCLONE_GCS_ANONYMOUS: 'true',
      RCLONE_GCS_PROJECT_NUMBER: 'local',
      RCLONE_GCS_BUCKET_POLICY_ONLY: 'true',
    },
  });
  return stdout;
}

const names = async (path: string): Promise<string[]> =>
  (await rclone('lsf', '-R', '--files-only', path)).split('\n').filter(Boolean).sort();

describe.skipIf(!rcloneIsInstalled())('rclone', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rclone-'));
    server = await startStorageServer({ dataDir: join(folder, 'data'), buckets: ['uploads'] });
    await mkdir(join(folder, 'photos/aisle 3'), { recursive: true });
    await writeFile(join(folder, 'photos/a.jpg'), 'first');
    await writeFile(join(folder, 'photos/aisle 3/b #[1].jpg'), 'second');
    await writeFile(join(folder, 'photos/large.bin'), Buffer.alloc(12_000_000, 'large'));
  });

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('copies a folder in, lists, compares and prints it', async () => {
    await rclone('copy', 'photos', ':gcs:uploads/inventory');
    expect(await names(':gcs:uploads')).toEqual([
      'inventory/a.jpg',
      'inventory/aisle 3/b #[1].jpg',
      'inventory/large.bin',
    ]);
    await rclone('check', 'photos', ':gcs:uploads/inventory');
    expect(await rclone('cat', ':gcs:uploads/inventory/a.jpg')).toBe('first');
    expect(await rclone('ls', ':gcs:uploads/inventory')).toContain('12000000 large.bin');
  });

  it('synchronizes, which removes what is gone, and copies back', async () => {
    await rm(join(folder, 'photos/a.jpg'));
    await writeFile(join(folder, 'photos/new.txt'), 'new');
    await rclone('sync', 'photos', ':gcs:uploads/inventory');
    const expected = ['aisle 3/b #[1].jpg', 'large.bin', 'new.txt'];
    expect(await names(':gcs:uploads/inventory')).toEqual(expected);
    await rclone('copy', ':gcs:uploads/inventory', 'back');
    expect(await readFile(join(folder, 'back/aisle 3/b #[1].jpg'), 'utf8')).toBe('second');
  });

  it('moves within the buckets, keeps the time of a file, and removes', async () => {
    await rclone('mkdir', ':gcs:made');
    await rclone('move', ':gcs:uploads/inventory', ':gcs:made/moved');
    await rclone('moveto', ':gcs:made/moved/new.txt', ':gcs:made/renamed.txt');
    expect(await names(':gcs:uploads')).toEqual([]);
    expect(await names(':gcs:made')).toEqual(['moved/aisle 3/b #[1].jpg', 'moved/large.bin', 'renamed.txt']);
    await rclone('touch', '-t', '2026-11-20T09:00:00', ':gcs:made/renamed.txt');
    expect(await rclone('lsf', '--format', 't', ':gcs:made/renamed.txt')).toContain('2026-11-20');
    await rclone('deletefile', ':gcs:made/renamed.txt');
    await rclone('delete', ':gcs:made/moved/aisle 3');
    expect(await names(':gcs:made')).toEqual(['moved/large.bin']);
    await rclone('purge', ':gcs:made');
    expect(await rclone('lsf', ':gcs:')).toBe('uploads/\n');
  });
});
