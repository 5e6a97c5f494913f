import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FollowedFolder } from '../../local/follow-folder.ts';
import { storeSavedProfiles } from '../../local/profiles.ts';
import type { PubSubMessage } from '../../local/pubsub/message.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { PROFILES_FOLDER } from '../../shared/profiles/folder.ts';
import { examineText } from '../../shared/profiles/store/examine.ts';
import { ProfileStore } from '../../shared/profiles/store/profile-store.ts';
import { Control } from '../../shared/results/pauses.ts';
import { idOf, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let folder: string;
let pipeline: Pipeline;
let documents: Documents;
let store: ProfileStore;
let followed: FollowedFolder;
let said = '';
let heard: (() => void) | undefined;
/** Prepared pictures whose notification is held back. */
let held: PubSubMessage[] | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-profiles-'));
  await cp(PROFILES_FOLDER, folder, { recursive: true });
  pipeline = await startPipeline({
    functions: ['api', 'resize-image', 'analyze-image'],
    // resize-image reads at once what changes; analyze-image may be six seconds behind.
    env: { PROFILES_FOLDER: folder, PROFILES_CACHE_MS: '0', CONTROL_CACHE_MS: '100' },
    functionEnv: { 'analyze-image': { PROFILES_CACHE_MS: '2000' } },
    keepNotification: (topic, message) => {
      if (topic !== 'prepared' || !held) return true;
      held.push(message);
      return false;
    },
  });
  documents = new Documents({ projectId: 'local', emulatorHost: pipeline.cloud.firestore.host });
  store = new ProfileStore(documents);
  followed = await storeSavedProfiles(store, say, folder);
});
afterAll(async () => {
  followed.close();
  await documents.close();
  await pipeline.close();
  await rm(folder, { recursive: true });
});

const say = (line: string): void => {
  said += `${line}\n`;
  heard?.();
};

const asking = (prompt: string): string =>
  `prompt: ${prompt}\nfields:\n  caption: text\n  confidence: { type: number, min: 0, max: 1 }\n`;

async function save(name: string, prompt: string): Promise<void> {
  const before = said.length;
  await writeFile(join(folder, `${name}.yaml`), asking(prompt));
  while (!said.slice(before).includes('taken up')) await new Promise<void>((resolve) => (heard = resolve));
}

async function push(name: string, prompt: string): Promise<void> {
  const examined = examineText(name, asking(prompt), { readPicture: () => undefined, nowMs: Date.now() });
  if ('problems' in examined) throw new Error(JSON.stringify(examined.problems));
  await store.put(examined.candidate, { action: 'push', by: null });
}

const SHORT = 'Describe it.';
const LONG = 'Describe it for somebody who has never seen anything of this kind before. '.repeat(10).trim();

/** Which of the two the model was last asked, told by its tokens. */
function lastQuestion(): 'SHORT' | 'LONG' {
  const { promptTokens = 0, imageTokens = 0 } = pipeline.model.calls().at(-1) ?? {};
  return promptTokens - imageTokens > 200 ? 'LONG' : 'SHORT';
}

/** Prepares the picture and holds it back before it is asked about. */
async function prepared(name: string, seed: number): Promise<void> {
  held = [];
  await pipeline.upload(name, await picture(seed));
  await pipeline.settled(name, ({ status }) => status === 'prepared');
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function answered(name: string): Promise<Record<string, unknown>> {
  const messages = held ?? [];
  held = undefined;
  for (const message of messages) await pipeline.cloud.pubsub.publish('prepared', message);
  return pipeline.settled(name);
}

describe('a profile that is saved while everything runs', () => {
  it('answers the next picture, without a restart', async () => {
    await save('own-fourth', SHORT);
    await pipeline.upload('own-fourth/a.jpg', await picture(1));
    expect(await pipeline.settled('own-fourth/a.jpg')).toMatchObject({
      status: 'completed',
      profile: 'own-fourth',
      profileVersion: 1,
      answer: { caption: 'A plain area of color.', confidence: 0.9 },
    });
  });

  it('is another version after each change, which the next picture is asked by', async () => {
    await save('own-fifth', SHORT);
    await save('own-fifth', LONG);
    await pipeline.upload('own-fifth/a.jpg', await picture(2));
    expect(await pipeline.settled('own-fifth/a.jpg')).toMatchObject({ profileVersion: 2 });
    expect(lastQuestion()).toBe('LONG');
  });
});

describe('a file that is removed and comes back', () => {
  it('takes its profile along and brings it back, also while nothing runs', async () => {
    await save('removed', SHORT);
    const before = said.length;
    await rm(join(folder, 'removed.yaml'));
    while (!said.slice(before).includes('gone')) await new Promise<void>((resolve) => (heard = resolve));
    expect((await store.active())['removed']).toBeUndefined();
    followed.close();
    await writeFile(join(folder, 'removed.yaml'), asking(SHORT));
    followed = await storeSavedProfiles(store, say, folder);
    expect((await store.active())['removed']?.version).toBe(1);
  });
});

describe('a picture that is under way', () => {
  it('is asked by the version of its upload when another one has become active', async () => {
    await push('sixth', LONG);
    await prepared('sixth/a.jpg', 3);
    await push('sixth', SHORT);
    expect(await answered('sixth/a.jpg')).toMatchObject({ status: 'completed', profileVersion: 1 });
    expect(lastQuestion()).toBe('LONG');
  });

  it('is asked by the version of its upload when its profile is deleted', async () => {
    await push('seventh', LONG);
    await prepared('seventh/a.jpg', 4);
    await store.delete('seventh', { action: 'delete', by: null });
    expect(await answered('seventh/a.jpg')).toMatchObject({ status: 'completed', profileVersion: 1 });
    expect(lastQuestion()).toBe('LONG');
    await pipeline.upload('seventh/b.jpg', await picture(5));
    expect(await pipeline.settled('seventh/b.jpg')).toMatchObject({ profile: 'describe' });
  });

  it('is asked by a version that the other instance has not heard of', async () => {
    // analyze-image has just read the list.
    await push('eighth', SHORT);
    await pipeline.upload('eighth/a.jpg', await picture(6));
    await pipeline.settled('eighth/a.jpg');
    await push('eighth', LONG);
    await pipeline.upload('eighth/b.jpg', await picture(7));
    expect(await pipeline.settled('eighth/b.jpg')).toMatchObject({ profileVersion: 2 });
    expect(lastQuestion()).toBe('LONG');
  });

  it('that is replayed is asked by the active version, and says so', async () => {
    const api = (path: string) => fetch(`${pipeline.cloud.url('api')}/v1/${path}`, { method: 'POST' });
    await pipeline.upload('own-fourth/a.jpg', await picture(8));
    await pipeline.settled('own-fourth/a.jpg');
    await push('own-fourth', LONG);
    // Until analyze-image looks again the active version is the one that it knows.
    await vi.waitFor(
      async () => {
        expect((await api(`results/${idOf('own-fourth/a.jpg')}/replay`)).status).toBe(202);
        expect(await pipeline.settled('own-fourth/a.jpg')).toMatchObject({ profileVersion: 2 });
      },
      { timeout: 90_000, interval: 2_000 },
    );
    expect(lastQuestion()).toBe('LONG');
  });

  it('that was set aside is asked by the version that is active when it goes on', async () => {
    const control = new Control(documents, { cacheMs: 0, log: silentLog });
    await push('set-aside', SHORT);
    const until = Date.now() + 3_600_000;
    await control.set('pipeline', { until, code: 'PIPELINE_PAUSED', reason: 'A rest.' });
    await pipeline.upload('set-aside/a.jpg', await picture(11));
    expect(await pipeline.settled('set-aside/a.jpg')).toMatchObject({ status: 'parked', profileVersion: 1 });
    await push('set-aside', LONG);
    await control.set('pipeline', undefined);
    const replay = `${pipeline.cloud.url('api')}/v1/results/${idOf('set-aside/a.jpg')}/replay`;
    // analyze-image may have to hear of the new version first, and of the end of the pause.
    await vi.waitFor(
      async () => {
        expect((await fetch(replay, { method: 'POST' })).status).toBe(202);
        expect(await pipeline.settled('set-aside/a.jpg')).toMatchObject({
          ...{ status: 'completed', profileVersion: 2 },
        });
      },
      { timeout: 60_000, interval: 1_000 },
    );
    expect(lastQuestion()).toBe('LONG');
  });

  it('may be tried by a version that is not active', async () => {
    await push('ninth', SHORT);
    const text = asking(LONG);
    const examined = examineText('ninth', text, { readPicture: () => undefined, nowMs: Date.now() });
    if ('problems' in examined) throw new Error('problems');
    await store.put(examined.candidate, { action: 'push', by: null, activate: false });
    await pipeline.upload('ninth/a.jpg', await picture(9), { 'profile-version': '2' });
    expect(await pipeline.settled('ninth/a.jpg')).toMatchObject({ status: 'completed', profileVersion: 2 });
    expect(lastQuestion()).toBe('LONG');
    await pipeline.upload('ninth/b.jpg', await picture(10), { 'profile-version': '3' });
    expect(await pipeline.settled('ninth/b.jpg')).toMatchObject({
      status: 'refused',
      failure: { code: 'UNKNOWN_PROFILE', message: 'There is no version 3 of the profile ninth.' },
    });
  });
});
