import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import type { Candidate } from '../../shared/profiles/store/candidate.ts';
import { examineText } from '../../shared/profiles/store/examine.ts';
import { StoredProfiles } from '../../shared/profiles/store/follow-store.ts';
import { type Change, ProfileStore } from '../../shared/profiles/store/profile-store.ts';
import { picture } from '../support/pipeline.ts';

let folder: string;
let server: FirestoreServer;
let documents: Documents;
let store: ProfileStore;
/** Each test has a profile of its own. */
let name: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profile-store-'));
  server = await startFirestoreServer({ port: 0, dataDir: folder, indexes: [], ttlFields: [] });
  documents = new Documents({ projectId: 'local', emulatorHost: server.host });
  store = new ProfileStore(documents);
});
afterAll(async () => {
  await documents.close();
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  count += 1;
  name = `receipt-${count}`;
});

const asking = (prompt: string, rest = ''): string => `prompt: ${prompt}\nfields:\n  text: text\n${rest}`;

function candidate(text: string, pictures: Readonly<Record<string, Buffer>> = {}): Candidate {
  const examined = examineText(name, text, { readPicture: (file) => pictures[file], nowMs: Date.now() });
  if ('problems' in examined) throw new Error(JSON.stringify(examined.problems));
  return examined.candidate;
}

const DELETE: Change = { action: 'delete', by: 'mia' };
const push: Change = { action: 'push', by: 'mia@example.com' };

function followed(brought: readonly Candidate[] = [], said: unknown[] = []): StoredProfiles {
  const note = (event: string, facts: unknown) => said.push([event, facts]);
  return new StoredProfiles(documents, {
    brought,
    withPictures: true,
    log: { info: note, warn: note, error: (event, _error, facts) => said.push([event, facts]) },
  });
}

const found = async (source: StoredProfiles) =>
  (await source.look())?.find((profile) => profile.name === name);

describe('the version of a profile', () => {
  it('grows with each change of the content, and is the same for the same content', async () => {
    const outcomes = [];
    for (const prompt of ['Read it.', 'Read it well.', 'Read it well.'])
      outcomes.push(await store.put(candidate(asking(prompt)), push));
    expect(outcomes).toEqual([
      { outcome: 'new', version: 1, isActive: true },
      { outcome: 'new', version: 2, isActive: true },
      { outcome: 'unchanged', version: 2, isActive: true },
    ]);
    expect(await store.profile(name)).toMatchObject({
      active: 2,
      versions: [{ version: 1, by: 'mia@example.com', at: expect.any(Date) }, { version: 2 }],
      changes: [
        { action: 'push', version: 1 },
        { action: 'push', version: 2 },
      ],
    });
  });

  it('stays where only words for people change, which are renewed', async () => {
    await store.put(candidate(asking('Read it.')), push);
    const words = `# Read by the cash desk.\n${asking('Read it.', 'description: Receipts.\n')}`;
    expect(await store.put(candidate(words), push)).toMatchObject({ outcome: 'unchanged', version: 1 });
    expect((await store.version(name, 1))?.text).toBe(words);
  });

  it('is asked again when its content is pushed again', async () => {
    await store.put(candidate(asking('One.')), push);
    await store.put(candidate(asking('Two.')), push);
    expect(await store.put(candidate(asking('One.')), push)).toEqual({
      ...{ outcome: 'activated', version: 1, isActive: true },
    });
    expect((await store.active())[name]?.version).toBe(1);
  });

  it('is never below the one that the file names', async () => {
    expect(await store.put(candidate(asking('One.', 'version: 7\n')), push)).toMatchObject({ version: 7 });
    expect(await store.put(candidate(asking('Two.', 'version: 7\n')), push)).toMatchObject({ version: 8 });
  });

  it('gets back a reference picture that was lost, by a push of the same', async () => {
    const text = asking('Compare.', 'references:\n  - { file: dent.jpg, caption: A dent. }\n');
    const lost = candidate(text, { 'dent.jpg': await picture(7) });
    await store.put(lost, push);
    await documents.delete(`profiles/${name}/pictures/${lost.pictures[0]?.sha256}`);
    expect(await store.put(lost, push)).toEqual({ outcome: 'unchanged', version: 1, isActive: true });
    const pictures = (await store.version(name, 1))?.pictures ?? [];
    expect((await store.pictures(name, pictures)).get('dent.jpg')?.equals(await picture(7))).toBe(true);
  });

  it('differs where a reference picture of the same name does', async () => {
    const text = asking('Any?', 'references: [{ file: dent.jpg, caption: A dent. }]\n');
    const [first, second] = [await picture(1), await picture(2)];
    await store.put(candidate(text, { 'dent.jpg': first }), push);
    expect(await store.put(candidate(text, { 'dent.jpg': second }), push)).toMatchObject({ version: 2 });
    const pictures = (await store.version(name, 1))?.pictures ?? [];
    expect((await store.pictures(name, pictures)).get('dent.jpg')?.equals(first)).toBe(true);
  });

  it('may be kept beside the active one, to be tried', async () => {
    await store.put(candidate(asking('One.')), push);
    expect(await store.put(candidate(asking('Two.')), { ...push, activate: false })).toEqual({
      ...{ outcome: 'new', version: 2, isActive: false },
    });
    const source = followed();
    expect(await found(source)).toMatchObject({ version: 1, prompt: 'One.' });
    expect(await source.version(name, 2)).toMatchObject({ version: 2, prompt: 'Two.' });
  });
});

describe('a change', () => {
  it('of twenty at once loses none, and each has a number of its own', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.put(candidate(asking(`Number ${i}.`)), push)),
    );
    const versions = outcomes.map((outcome) => outcome?.version ?? 0);
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect((await store.profile(name))?.active).toBe((await store.active())[name]?.version);
  });

  it('of what somebody else has changed meanwhile is refused', async () => {
    await store.put(candidate(asking('One.')), { ...push, basedOn: null });
    await store.put(candidate(asking('Two.')), { ...push, basedOn: 1 });
    await expect(store.put(candidate(asking('Three.')), { ...push, basedOn: 1 })).rejects.toThrow(
      `The profile ${name} was changed meanwhile: the change is of version 1, and version 2 is active.`,
    );
  });

  it('is taken back by one command, to the version before or to any', async () => {
    for (const prompt of ['One.', 'Two.', 'Three.']) await store.put(candidate(asking(prompt)), push);
    expect(await store.rollBack(name, undefined, 'leo')).toMatchObject({ version: 2 });
    expect(await store.rollBack(name, undefined, 'leo')).toMatchObject({ version: 1 });
    await expect(store.rollBack(name, undefined, 'leo')).rejects.toThrow('no version');
    await expect(store.rollBack(name, 9, 'leo')).rejects.toThrow(`There is no version 9 of ${name}.`);
    expect(await store.rollBack(name, 3, 'leo')).toMatchObject({ version: 3 });
    expect((await store.profile(name))?.changes.at(-1)).toMatchObject({ action: 'rollback', by: 'leo' });
  });

  it('is taken back past what was only tried', async () => {
    await store.put(candidate(asking('One.')), push);
    await store.put(candidate(asking('Tried.')), { ...push, activate: false });
    await store.put(candidate(asking('Three.')), push);
    expect(await store.rollBack(name, undefined, 'leo')).toMatchObject({ version: 1 });
  });

  it('never deletes the profile of pictures that ask for none', async () => {
    await expect(store.delete('describe', DELETE)).rejects.toThrow('are asked by describe');
  });
});

describe('a profile that cannot be used', () => {
  const withReference = asking('Any?', 'references: [{ file: a.jpg, caption: A. }]\n');
  it('because it is too large to be stored, says so before anything is', () => {
    const guide = '字'.repeat(200_000);
    const examined = examineText(name, `${asking('Any?')}guide: ${guide}\n`, {
      ...{ readPicture: () => undefined, nowMs: Date.now() },
    });
    expect(JSON.stringify(examined)).toContain('more than 1000000');
  });

  it.each<[string, () => Promise<Buffer | undefined>, string]>([
    ['a reference picture that is missing', async () => undefined, 'a.jpg: there is no such file'],
    ['a reference picture that is too large', async () => Buffer.alloc(1_000_001), 'at most 1000000'],
    ['a reference picture that is none', async () => Buffer.from('text'), 'neither a JPEG nor a PNG'],
    ['a reference picture that is cut off', async () => (await picture(1)).subarray(0, -40), 'it is cut off'],
  ])('for %s is no candidate for a version', async (_what, read, sentence) => {
    const bytes = await read();
    const examined = examineText(name, withReference, { readPicture: () => bytes, nowMs: Date.now() });
    expect(JSON.stringify(examined)).toContain(sentence);
    expect(examined).not.toHaveProperty('candidate');
  });
});

describe('a function that follows the stored profiles', () => {
  it('reads one document a look, and a version only when it is new', async () => {
    await store.put(candidate(asking('One.')), push);
    const source = followed();
    await source.look();
    const before = server.operations().reads;
    expect(await source.look()).toBeUndefined();
    expect(server.operations().reads - before).toBe(1);
    await store.put(candidate(asking('Two.')), push);
    const then = server.operations().reads;
    expect(await found(source)).toMatchObject({ version: 2, prompt: 'Two.' });
    expect(server.operations().reads - then).toBe(2);
  });

  it('stores what its deployment brings and nobody has, and reads nothing of that', async () => {
    const mine = candidate(asking('Mine.'));
    const source = followed([mine]);
    expect(await found(source)).toMatchObject({ version: 1, prompt: 'Mine.' });
    expect(await store.profile(name)).toMatchObject({ changes: [{ action: 'folder', by: null }] });
    const readsOf = async (brought: readonly Candidate[]): Promise<number> => {
      const before = server.operations().reads;
      expect(await found(followed(brought))).toMatchObject({ version: 1, prompt: 'Mine.' });
      return server.operations().reads - before;
    };
    expect((await readsOf([])) - (await readsOf([mine]))).toBe(1);
  });

  it('takes up a newer deployment, and an older one beside it changes nothing', async () => {
    const [older, newer] = [candidate(asking('Old.')), candidate(asking('New.'))];
    await followed([older]).look();
    expect(await found(followed([newer]))).toMatchObject({ version: 2, prompt: 'New.' });
    expect(await found(followed([older]))).toMatchObject({ version: 2, prompt: 'New.' });
  });

  it('never replaces what somebody pushed, rolled back or deleted', async () => {
    const said: unknown[] = [];
    await store.put(candidate(asking('Pushed.')), push);
    expect(await found(followed([candidate(asking('Deployed.'))], said))).toMatchObject({
      prompt: 'Pushed.',
    });
    expect(said).toContainEqual(['profile.kept', { name, version: 1 }]);
    await store.delete(name, DELETE);
    expect(await found(followed([candidate(asking('Deployed.'))]))).toBeUndefined();
  });

  it('knows a profile whose reference pictures another function stores, before it has', async () => {
    const profile = candidate(asking('Dents?')).profile;
    const source = new StoredProfiles(documents, {
      ...{ brought: [{ name, profile }], withPictures: false },
      log: silentLog,
    });
    expect(await found(source)).toMatchObject({ prompt: 'Dents?' });
    await store.put(candidate(asking('Dents, again?')), push);
    expect(await found(source)).toMatchObject({ prompt: 'Dents, again?' });
    await store.delete(name, DELETE);
    expect(await found(source)).toBeUndefined();
  });

  it('still knows the version of a profile that is deleted', async () => {
    await store.put(candidate(asking('One.')), push);
    const source = followed();
    await source.look();
    await store.delete(name, DELETE);
    expect(await found(source)).toBeUndefined();
    expect(await followed().version(name, 1)).toMatchObject({ name, version: 1, prompt: 'One.' });
  });

  it('goes on with the newest version that its code can read', async () => {
    await store.put(candidate(asking('One.')), push);
    const source = followed();
    await source.look();
    const said: unknown[] = [];
    const future = candidate(asking('Two.'));
    await store.put({ ...future, content: { ...future.content, newKey: 1 } as never }, push);
    expect(await found(source)).toBeUndefined();
    expect(await found(followed([], said))).toMatchObject({ version: 1, prompt: 'One.' });
    expect(said).toContainEqual(['profile.unreadable', { name, version: 2, instead: 1 }]);
  });

  it('sends the reference pictures of a stored version', async () => {
    const { loadReferences } = await import('../../shared/profiles/references.ts');
    const text = asking('Any?', 'references: [{ file: dent.jpg, caption: A dent. }]\n');
    const dent = await picture(3);
    await store.put(candidate(text, { 'dent.jpg': dent }), push);
    const profile = await followed().version(name, 1);
    if (!profile) throw new Error('no version');
    expect(loadReferences([])(profile)).toMatchObject([
      { caption: 'A dent.', base64: dent.toString('base64') },
    ]);
  });
});
