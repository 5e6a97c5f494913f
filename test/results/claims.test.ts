import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import type { Claim, ClaimOutcome, Upload } from '../../shared/results/claim.ts';
import { Results } from '../../shared/results/results.ts';

const LEASE_MS = 60_000;
let server: FirestoreServer;
let documents: Documents;
let results: Results;
let nextId = 0;

beforeAll(async () => {
  server = await startFirestoreServer({});
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', server.host);
  documents = new Documents({ projectId: 'local' });
  results = new Results(documents, { maxExecutions: 3, retentionDays: 30 });
});
afterAll(async () => {
  await documents.close();
  await server.close();
});
afterEach(() => vi.restoreAllMocks());

/** An upload of a new object, or of another generation of one. */
function upload(generation = '100', id?: string): Upload {
  nextId += id === undefined ? 1 : 0;
  return {
    id: id ?? `image-${nextId}`,
    profile: 'describe',
    profileVersion: 1,
    source: {
      bucket: 'uploads',
      name: 'a.jpg',
      generation,
      contentType: null,
      bytes: 1,
      md5: null,
      uploader: null,
      uploadedAt: null,
    },
  };
}

function granted(outcome: ClaimOutcome): Claim {
  if (outcome.kind !== 'claimed') throw new Error(`expected a claim, got ${outcome.kind}`);
  return outcome.claim;
}

const PREPARED = {
  bucket: 'prepared',
  name: 'x',
  width: 1,
  height: 1,
  bytes: 1,
  sha256: 'x',
  reencoded: true,
};
const prepare = (claim: Claim) =>
  results.recordPrepared(claim, PREPARED, { format: 'jpeg', width: 1, height: 1 }, {});
const boom = new PipelineError('CORRUPT_IMAGE', 'The picture is damaged.');

describe('a claim', () => {
  it('is won by exactly one of twenty instances at once', async () => {
    const one = upload();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => results.claimUpload(one, LEASE_MS)));
    expect(outcomes.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'busy')).toHaveLength(19);
  });

  it('of a dead instance is taken over by exactly one of twenty when its lease has ended', async () => {
    const one = upload();
    await results.claimUpload(one, -1);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => results.claimUpload(one, LEASE_MS)));
    expect(outcomes.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
  });

  it('for an older generation is superseded, for a newer one starts the document over', async () => {
    const first = upload('100');
    await results.end(granted(await results.claimUpload(first, LEASE_MS)), boom);
    expect(await results.claimUpload(upload('99', first.id), LEASE_MS)).toEqual({ kind: 'superseded' });
    granted(await results.claimUpload(upload('101', first.id), LEASE_MS));
    const document = await results.get(first.id);
    expect(document).toMatchObject({
      status: 'preparing',
      source: { generation: '101' },
      claim: { count: 1 },
    });
    expect(document?.failure).toBeUndefined();
  });

  it('compares generations as integers, not as text', async () => {
    const first = upload('9');
    await results.claimUpload(first, LEASE_MS);
    expect(await results.claimUpload(upload('10', first.id), LEASE_MS)).toMatchObject({ kind: 'claimed' });
  });

  it('for a generation that has ended is done', async () => {
    const one = upload();
    await results.end(granted(await results.claimUpload(one, LEASE_MS)), boom);
    expect(await results.claimUpload(one, LEASE_MS)).toEqual({ kind: 'done' });
    expect(await results.claimPrepared(one.id, '100', '1', LEASE_MS)).toEqual({ kind: 'done' });
  });

  it('for analysis passes over the running lease of the resize, because the picture proves it is over', async () => {
    const one = upload();
    await prepare(granted(await results.claimUpload(one, LEASE_MS)));
    expect(await results.claimPrepared(one.id, '100', '1', LEASE_MS)).toMatchObject({
      kind: 'claimed',
    });
  });

  it('for analysis of a deleted document or another generation is no work', async () => {
    expect(await results.claimPrepared('0'.repeat(32), '100', '1', LEASE_MS)).toEqual({
      kind: 'absent',
    });
    const one = upload();
    await results.claimUpload(one, LEASE_MS);
    expect(await results.claimPrepared(one.id, '99', '1', LEASE_MS)).toEqual({ kind: 'superseded' });
  });

  it('beyond the allowed executions is a runaway', async () => {
    const one = upload();
    for (let i = 0; i < 3; i += 1) granted(await results.claimUpload(one, -1));
    expect(await results.claimUpload(one, -1)).toMatchObject({
      kind: 'runaway',
      failure: { code: 'RUNAWAY', message: expect.stringContaining(' 4 times ') },
    });
  });
});

describe('an upload whose earlier version is deleted at that moment', () => {
  it('gets a document of its own instead of being lost', async () => {
    const first = upload('100');
    await results.claimUpload(first, LEASE_MS);
    const get = documents.get.bind(documents);
    // The deletion falls between the new version's create, which finds the old document, and its look at it.
    vi.spyOn(documents, 'get').mockImplementationOnce(async (path) => {
      await documents.delete(path);
      return get(path);
    });
    granted(await results.claimUpload(upload('200', first.id), LEASE_MS));
    expect(await results.get(first.id)).toMatchObject({ status: 'preparing', source: { generation: '200' } });
  });
});

describe('a late writer', () => {
  it('whose lease another instance took over changes nothing', async () => {
    const one = upload();
    const late = granted(await results.claimUpload(one, -1));
    granted(await results.claimUpload(one, LEASE_MS));
    await expect(results.end(late, boom)).rejects.toMatchObject({ code: 'SUPERSEDED' });
    expect(await results.get(one.id)).toMatchObject({ status: 'preparing' });
  });

  it('of an older generation cannot overwrite the newer one', async () => {
    const first = upload('100');
    const late = granted(await results.claimUpload(first, LEASE_MS));
    granted(await results.claimUpload(upload('101', first.id), LEASE_MS));
    await expect(prepare(late)).rejects.toMatchObject({ code: 'SUPERSEDED' });
  });

  it('that still holds its claim writes on top of what others added meanwhile', async () => {
    const one = upload();
    const claim = granted(await results.claimUpload(one, LEASE_MS));
    await documents.merge(`results/${one.id}`, { label: 'kept' });
    await prepare(claim);
    expect((await documents.get(`results/${one.id}`))?.data).toMatchObject({
      status: 'prepared',
      label: 'kept',
    });
  });
});

describe('a claim whose last write was applied without its owner hearing of it', () => {
  it.each(['release', 'park', 'end'] as const)('changes nothing any more by %s', async (how) => {
    const one = upload();
    granted(await results.claimUpload(one, LEASE_MS));
    await prepare(granted(await results.claimUpload(upload('101', one.id), LEASE_MS)));
    const claim = granted(await results.claimPrepared(one.id, '101', '1', LEASE_MS));
    const heardOf = { ...claim };
    await results.complete(claim, {
      profileVersion: 1,
      answer: { caption: 'A plain area.' },
      partial: false,
      model: { requested: 'm', version: 'm', step: 0, mediaResolution: 'LOW', confidence: 1, checks: [] },
      attempts: [],
      timings: {},
    });
    const before = await results.get(one.id);
    if (how === 'release') await results.release(heardOf, [], boom);
    else if (how === 'park') await results.park(heardOf, boom, new Date(Date.now() + 1_000), []);
    else await results.end(heardOf, boom);
    expect(await results.get(one.id)).toEqual(before);
  });
});

describe('an image that ends well after executions that came to nothing', () => {
  it('no longer says why they did', async () => {
    const one = upload();
    const first = granted(await results.claimUpload(one, LEASE_MS));
    await results.release(first, [], new PipelineError('STORAGE_UNAVAILABLE', 'Storage was away.'));
    expect(await results.get(one.id)).toMatchObject({ lastFailure: { code: 'STORAGE_UNAVAILABLE' } });
    await prepare(granted(await results.claimUpload(one, LEASE_MS)));
    const claim = granted(await results.claimPrepared(one.id, '100', '1', LEASE_MS));
    await results.complete(claim, {
      profileVersion: 1,
      answer: { caption: 'A plain area.' },
      partial: false,
      model: { requested: 'm', version: 'm', step: 0, mediaResolution: 'LOW', confidence: 1, checks: [] },
      attempts: [],
      timings: {},
    });
    const document = await results.get(one.id);
    expect(document).toMatchObject({ status: 'completed' });
    expect(document).not.toHaveProperty('lastFailure');
  });
});

describe('an image that meets a pause of the pipeline', () => {
  it('says until when, and is looked after a minute later, because a pause may be lifted', async () => {
    const one = upload();
    const claim = granted(await results.claimUpload(one, LEASE_MS));
    const until = new Date(Date.now() + 10 * 86_400_000);
    await results.park(claim, new PipelineError('PIPELINE_PAUSED', 'The pipeline is paused.'), until, []);
    const document = await results.get(one.id);
    expect(document?.parked?.until).toEqual(until);
    expect(document?.dueAt?.getTime()).toBeLessThan(Date.now() + 61_000);
  });
});

describe('a document', () => {
  it('expires after the retention, and a released claim can be taken at once', async () => {
    const one = upload();
    const claim = granted(await results.claimUpload(one, LEASE_MS));
    const document = await results.get(one.id);
    expect(document?.expireAt?.getTime()).toBe(claim.startedAt + 30 * 86_400_000);
    await results.release(claim);
    expect(await results.claimUpload(one, LEASE_MS)).toMatchObject({ kind: 'claimed' });
  });
});
