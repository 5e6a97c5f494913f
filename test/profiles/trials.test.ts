import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deployedIndexes } from '../../local/deployed-indexes.ts';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import type { Candidate } from '../../shared/profiles/store/candidate.ts';
import { examineText } from '../../shared/profiles/store/examine.ts';
import { type Change, ProfileStore } from '../../shared/profiles/store/profile-store.ts';
import { outdatedTrials } from '../../shared/results/outdated-trials.ts';

let folder: string;
let server: FirestoreServer;
let documents: Documents;
let store: ProfileStore;
/** Each test has a profile of its own. */
let name: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trials-'));
  // A query that Terraform makes no index for is refused, as in production.
  server = await startFirestoreServer({
    port: 0,
    dataDir: folder,
    indexes: await deployedIndexes(),
    ttlFields: [],
  });
  documents = new Documents({ projectId: 'local', emulatorHost: server.host });
  store = new ProfileStore(documents, outdatedTrials(documents));
});
afterAll(async () => {
  await documents.close();
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  count += 1;
  name = `trial-${count}`;
});

const push: Change = { action: 'push', by: 'mia@example.com' };

function candidate(prompt: string): Candidate {
  const text = `prompt: ${prompt}\nfields:\n  text: text\n`;
  const examined = examineText(name, text, { readPicture: () => undefined, nowMs: Date.now() });
  if ('problems' in examined) throw new Error(JSON.stringify(examined.problems));
  return examined.candidate;
}

const ask = (prompt: string) => store.put(candidate(prompt), push);
async function attempt(times: number, from = 0): Promise<void> {
  for (let i = from; i < from + times; i += 1)
    await store.put(candidate(`Try ${i}.`), { ...push, activate: false });
}
const versions = async () => (await store.profile(name))?.versions.map(({ version }) => version) ?? [];
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const result = (version: number, status: string) =>
  documents.create(`results/${name}-${version}`, { profile: name, profileVersion: version, status });

describe('versions that were only tried', () => {
  it('are kept up to the twenty newest, with the active one and all that ever were', async () => {
    await ask('One.');
    await attempt(22);
    expect(await versions()).toEqual([1, ...range(4, 23)]);
    expect(await store.version(name, 2)).toBeUndefined();
    expect(await store.version(name, 4)).toMatchObject({ text: expect.stringContaining('Try 2.') });
  });

  it('have numbers that no other version gets', async () => {
    await ask('One.');
    await attempt(22);
    expect(await store.put(candidate('Try 0.'), { ...push, activate: false })).toMatchObject({
      ...{ outcome: 'new', version: 24 },
    });
  });

  it('stay while a picture is to be asked by them, waiting for a batch or set aside, and go afterward', async () => {
    await ask('One.');
    await attempt(3);
    await result(2, 'prepared');
    await result(3, 'parked');
    await result(4, 'completed');
    await attempt(20, 3);
    expect(await versions()).toEqual([1, 2, 3, ...range(5, 24)]);
    await documents.merge(`results/${name}-2`, { status: 'completed' });
    await attempt(1, 23);
    expect(await versions()).toEqual([1, 3, ...range(6, 25)]);
  });

  it('stay with their pictures while no version is active: a replay has no other', async () => {
    await attempt(2);
    await result(1, 'completed');
    await attempt(20, 2);
    expect(await versions()).toEqual([1, ...range(3, 22)]);
    await ask('One.');
    expect(await versions()).toEqual(range(3, 23));
  });

  it('stay for good once they were active, and can be rolled back to', async () => {
    await ask('One.');
    await attempt(1);
    await store.rollBack(name, 2, 'leo');
    await ask('Three.');
    await attempt(25, 1);
    expect((await versions()).slice(0, 3)).toEqual([1, 2, 3]);
    expect(await store.rollBack(name, undefined, 'leo')).toMatchObject({ version: 2 });
  });

  it('of an earlier release, which marked none, are known by what became active', async () => {
    await ask('One.');
    await attempt(20);
    const stored = await store.profile(name);
    await documents.merge(`profiles/${name}`, {
      versions: stored?.versions.map(({ trial: _trial, ...one }) => one),
    });
    await attempt(1, 20);
    expect(await versions()).toEqual([1, ...range(3, 22)]);
  });
});
