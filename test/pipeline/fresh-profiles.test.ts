import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { followProfiles, freshProfiles, profileNamed, profileOfUpload } from '../../shared/profiles/index.ts';
import { examineText } from '../../shared/profiles/store/examine.ts';
import { StoredProfiles } from '../../shared/profiles/store/follow-store.ts';
import { ProfileStore } from '../../shared/profiles/store/profile-store.ts';

let folder: string;
let server: FirestoreServer;
let writing: Documents;
let documents: Documents;
let store: ProfileStore;
let stop: (() => void) | undefined;
const failures: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fresh-profiles-'));
  server = await startFirestoreServer({ port: 0, dataDir: folder, indexes: [], ttlFields: [] });
  writing = new Documents({ projectId: 'local', emulatorHost: server.host });
  // Of little patience, so that an outage need not last.
  documents = new Documents({ projectId: 'local', emulatorHost: server.host, overallMs: 1_500 });
  store = new ProfileStore(writing);
  await push('describe', 'Describe it.');
});
afterAll(async () => {
  await Promise.all([writing.close(), documents.close()]);
  await server.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  vi.useRealTimers();
  server.setFault('none');
  failures.length = 0;
  stop?.();
});

async function push(name: string, prompt: string): Promise<void> {
  const text = `prompt: ${prompt}\nfields:\n  text: text\n`;
  const examined = examineText(name, text, { readPicture: () => undefined, nowMs: Date.now() });
  if ('problems' in examined) throw new Error('problems');
  await store.put(examined.candidate, { action: 'push', by: null });
}

/** A function that has looked a moment ago, with a clock that the test sets. */
async function follow(): Promise<void> {
  const source = new StoredProfiles(documents, { brought: [], withPictures: false, log: silentLog });
  vi.useFakeTimers({ toFake: ['Date'] });
  stop = followProfiles(source, 20_000, (error) => failures.push(error));
  await freshProfiles();
}

const reads = (): number => server.operations().reads;

describe('the profiles of a function', () => {
  it('are looked at once for any number of pictures at the same time, and not again for a while', async () => {
    await follow();
    vi.advanceTimersByTime(61_000);
    const before = reads();
    await Promise.all(Array.from({ length: 50 }, (_, i) => profileOfUpload(`describe/${i}.jpg`, {})));
    expect(reads() - before).toBe(1);
    vi.advanceTimersByTime(19_000);
    await Promise.all(Array.from({ length: 50 }, (_, i) => profileOfUpload(`describe/${i}.jpg`, {})));
    expect(reads() - before).toBe(1);
  });

  it('are as they were pushed within a minute, without a picture that waits for it before', async () => {
    await follow();
    await push('describe', 'Describe it otherwise.');
    vi.advanceTimersByTime(30_000);
    // Answered at once by what is known; the look goes on behind it.
    expect(freshProfiles()).toBeUndefined();
    vi.advanceTimersByTime(30_000);
    expect((await profileOfUpload('describe/a.jpg', {})).prompt).toBe('Describe it otherwise.');
  });

  it('are looked at again for a name that nobody knows, before the picture is asked by another one', async () => {
    await follow();
    await push('brand-new', 'What is new?');
    vi.advanceTimersByTime(3_000);
    expect((await profileOfUpload('brand-new/a.jpg', {})).name).toBe('brand-new');
    await push('newer', 'What is newer?');
    vi.advanceTimersByTime(3_000);
    expect((await profileOfUpload('a.jpg', { profile: 'newer' })).name).toBe('newer');
  });

  it('stay as they are while Firestore does not answer', async () => {
    await follow();
    const known = profileNamed('describe');
    expect(known).toBeDefined();
    expect(failures).toEqual([]);
    server.setFault('unavailable');
    vi.advanceTimersByTime(120_000);
    expect(await profileOfUpload('describe/a.jpg', {})).toBe(known);
    expect(failures).not.toEqual([]);
    server.setFault('none');
    expect(profileNamed('describe')).toBe(known);
  });
});
