import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StorageServer, startStorageServer } from '../../local/storage/server.ts';
import { gcloudUpload } from '../../shared/cloud/storage/gcloud.ts';

function gcloudIsInstalled(): boolean {
  try {
    execFileSync('gcloud', ['--help'], { stdio: 'ignore', timeout: 15_000 });
    return true;
  } catch {
    return false;
  }
}

const run = promisify(execFile);
let folder: string;
let server: StorageServer;

/** gcloud as people set it up for the local server: one endpoint, no credentials. */
async function gcloud(...args: string[]): Promise<string> {
  const { stdout } = await run('gcloud', ['storage', ...args], {
    cwd: folder,
    env: {
      ...process.env,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${server.url}/`,
      CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
      CLOUDSDK_CORE_PROJECT: 'local',
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      CLOUDSDK_CONFIG: join(folder, 'gcloud'),
    },
  });
  return stdout;
}

describe.skipIf(!gcloudIsInstalled())('gcloud storage', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gcloud-'));
    server = await startStorageServer({ dataDir: join(folder, 'data'), buckets: ['uploads', 'other'] });
    await mkdir(join(folder, 'photos/aisle 3'), { recursive: true });
    await writeFile(join(folder, 'photos/a.jpg'), 'first');
    await writeFile(join(folder, 'photos/aisle 3/b #[1].jpg'), 'second');
    await writeFile(join(folder, 'large.bin'), Buffer.alloc(12_000_000, 'large'));
  });

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('takes the command that the greeting and the page show, as it stands', async () => {
    await writeFile(join(folder, 'photo.jpg'), 'a photo');
    const env = { PATH: process.env['PATH'], HOME: folder };
    await run('sh', ['-c', gcloudUpload('uploads', 'describe', server.url)], { cwd: folder, env });
    expect(await gcloud('cat', 'gs://uploads/describe/photo.jpg')).toBe('a photo');
    await gcloud('rm', 'gs://uploads/describe/photo.jpg');
  });

  it('copies folders and large files in, lists them and prints one', async () => {
    await gcloud('cp', '-r', 'photos', 'large.bin', 'gs://uploads/inventory/');
    expect((await gcloud('ls', 'gs://uploads/**')).trim().split('\n')).toEqual([
      'gs://uploads/inventory/large.bin',
      'gs://uploads/inventory/photos/a.jpg',
      'gs://uploads/inventory/photos/aisle 3/b #[1].jpg',
    ]);
    expect(await gcloud('cat', 'gs://uploads/inventory/photos/a.jpg')).toBe('first');
  });

  it('copies back, moves and removes', async () => {
    await gcloud('cp', '-r', 'gs://uploads/inventory', '.');
    expect(await readFile(join(folder, 'inventory/photos/aisle 3/b #[1].jpg'), 'utf8')).toBe('second');
    const large = await readFile(join(folder, 'inventory/large.bin'));
    expect(large.equals(await readFile(join(folder, 'large.bin')))).toBe(true);
    await gcloud('mv', 'gs://uploads/inventory/large.bin', 'gs://other/moved.bin');
    await gcloud('rm', '-r', 'gs://uploads/inventory');
    expect(await gcloud('ls', 'gs://other/**')).toBe('gs://other/moved.bin\n');
    expect(await gcloud('ls', 'gs://uploads')).toBe('');
  });

  it('makes, updates and removes buckets, with or without what is in them', async () => {
    await gcloud('buckets', 'create', 'gs://made', '--location=EU');
    await gcloud('buckets', 'update', 'gs://made', '--versioning', '--update-labels=team=stock');
    const described = JSON.parse(await gcloud('buckets', 'describe', 'gs://made', '--format=json'));
    expect(described).toMatchObject({ location: 'EU', labels: { team: 'stock' }, versioning_enabled: true });
    await gcloud('buckets', 'delete', 'gs://made');
    await gcloud('buckets', 'create', 'gs://filled', '--location=EU');
    await gcloud('cp', '-r', 'photos', 'gs://filled/');
    await gcloud('rm', '-r', 'gs://filled');
    expect(await gcloud('ls')).not.toMatch(/made|filled/);
  });

  it('says what is wrong when the bucket does not exist', async () => {
    await expect(gcloud('cp', 'large.bin', 'gs://no-such-bucket/')).rejects.toMatchObject({
      stderr: expect.stringContaining('404'),
    });
  });
});
