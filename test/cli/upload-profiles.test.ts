import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpointsOf, writeEndpoints } from '../../local/endpoints.ts';
import { UPLOADS_BUCKET } from '../../local/topology.ts';
import { profileNames } from '../../shared/profiles/index.ts';
import { idOf, picture } from '../support/pipeline.ts';
import { type CliCloud, startCliCloud } from './command-line.ts';

let cloud: CliCloud;
/** What the API of the running cloud says of profiles: as that of another version of the code would. */
let api: Server;
let running: { name: string; version: number }[] = [];
let folders = 0;

beforeAll(async () => {
  cloud = await startCliCloud();
  api = createServer((_request, response) => {
    const profiles = running.map(({ name, version }) => ({
      name,
      version,
      isDefault: name === 'describe',
      prompt: 'Say what it is.',
      maxSide: 1_024,
      schema: {},
    }));
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ profiles }));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const page = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  await writeEndpoints(cloud.dataDir, { ...endpointsOf(cloud.cloud, cloud.model.url), page });
});

afterAll(async () => {
  api.close();
  await cloud.close();
});

async function folderWith(seed: number): Promise<string> {
  folders += 1;
  const folder = join(cloud.photos, `folder-${folders}`);
  await mkdir(folder);
  await writeFile(join(folder, 'a.jpg'), await picture(seed));
  return folder;
}

describe('pipeline upload --profile', () => {
  it('refuses a profile that the running functions do not know, and sends nothing', async () => {
    running = [{ name: 'describe', version: 1 }];
    const { code, stderr } = await cloud.run(['upload', await folderWith(1), '--profile', 'moderation']);
    expect(stderr).toBe(
      '✗ There is no profile "moderation".\n' +
        '  There are: describe. For one that was just written: pipeline profiles push NAME.\n',
    );
    expect(code).toBe(1);
    const [files] = await cloud.storage.bucket(UPLOADS_BUCKET).getFiles({ prefix: 'moderation/' });
    expect(files).toEqual([]);
  });

  it('sends a profile that the running functions know and this command line does not', async () => {
    running = [
      { name: 'describe', version: 1 },
      { name: 'shelves', version: 1 },
    ];
    expect(profileNames()).not.toContain('shelves');
    const { code } = await cloud.run(['upload', await folderWith(2), '--profile', 'shelves']);
    expect(code).toBe(0);
  });

  it('is never answered as another profile: what the functions do not know after all is refused', async () => {
    running = [
      { name: 'describe', version: 1 },
      { name: 'receipts', version: 1 },
    ];
    const args = ['upload', await folderWith(3), '--profile', 'receipts', '--watch'];
    const { code, stdout } = await cloud.run(args);
    expect(stdout).toMatch(/✗ refused\s+receipts\/a\.jpg\s+There is no profile "receipts"/);
    expect(code).toBe(2);
    expect(await cloud.result('receipts/a.jpg')).toMatchObject({ failure: { code: 'UNKNOWN_PROFILE' } });
  });
});

describe('what pipeline upload finds there already', () => {
  const uploadTwice = async (seed: number, between: () => Promise<void> | void) => {
    running = [
      { name: 'describe', version: 1 },
      { name: 'inventory', version: 1 },
    ];
    const folder = await folderWith(seed);
    await cloud.run(['upload', folder, '--prefix', `twice-${seed}`, '--watch']);
    await between();
    const { stdout } = await cloud.run(['upload', folder, '--prefix', `twice-${seed}`]);
    return stdout;
  };

  it('is left alone when the same profile and version has answered it', async () => {
    expect(await uploadTwice(11, () => {})).toMatch(/^1 file there already in/);
  });

  it('is sent again when the profile has a newer version by now', async () => {
    const raised = () => {
      running = [{ name: 'describe', version: 99 }];
    };
    expect(await uploadTwice(12, raised)).toMatch(/^1 file sent/);
  });

  it('is sent again when it was answered as another profile', async () => {
    const otherwise = async () => {
      await cloud.firestore.doc(`results/${idOf('twice-13/a.jpg')}`).update({ profile: 'inventory' });
    };
    expect(await uploadTwice(13, otherwise)).toMatch(/^1 file sent/);
  });

  it('is left alone while it waits for its answer', async () => {
    const forgotten = async () => {
      await cloud.firestore.doc(`results/${idOf('twice-14/a.jpg')}`).delete();
    };
    expect(await uploadTwice(14, forgotten)).toMatch(/^1 file there already/);
  });
});
