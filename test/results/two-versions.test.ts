import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import type { Claim, ClaimOutcome, Upload } from '../../shared/results/claim.ts';
import { ResultReader } from '../../shared/results/reading.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { Results } from '../../shared/results/results.ts';
import { Debts } from '../../shared/results/webhooks/debts.ts';
import { answered, idNumber, resultAt } from '../api/documents.ts';

const LEASE_MS = 60_000;
let server: FirestoreServer;
let documents: Documents;
let results: Results;
let recovery: Recovery;

beforeAll(async () => {
  server = await startFirestoreServer({});
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', server.host);
  documents = new Documents({ projectId: 'local' });
  results = new Results(documents, { maxExecutions: 12, retentionDays: 0 });
  recovery = new Recovery(documents, { staleMs: 1_000 });
});
afterAll(async () => {
  await documents.close();
  await server.close();
  vi.unstubAllEnvs();
});

let last = 0;

/** A result as a version to come writes it: with a code that this one does not know. */
async function foreign(status: string, generation = '100'): Promise<string> {
  last += 1;
  const id = idNumber(last);
  const now = Date.now();
  const document = resultAt(now, { ...answered(now), dueAt: new Date(now - 1_000) });
  await documents.create(`results/${id}`, {
    ...document,
    status,
    source: { ...document.source, generation },
    failure: { code: 'CODE_TO_COME', message: 'Something new.', hint: 'Nothing.' },
  });
  return id;
}

const uploadOf = (id: string, generation: string): Upload => ({
  id,
  profile: 'describe',
  profileVersion: 1,
  source: { ...resultAt(0).source, generation },
});

function granted(outcome: ClaimOutcome): Claim {
  if (outcome.kind !== 'claimed') throw new Error(`expected a claim, got ${outcome.kind}`);
  return outcome.claim;
}

describe('a document of a shape that this version does not know', () => {
  it('makes way for a newer version of its object', async () => {
    const id = await foreign('completed');
    granted(await results.claimUpload(uploadOf(id, '101'), LEASE_MS));
    expect(await results.get(id)).toMatchObject({ status: 'preparing', source: { generation: '101' } });
  });

  it('makes way too when it is no result at all', async () => {
    await documents.create(`results/${idNumber(900)}`, { note: 'written by hand' });
    granted(await results.claimUpload(uploadOf(idNumber(900), '1'), LEASE_MS));
  });

  it('is left to the version that wrote it while its own picture is under way, and is done when it has ended', async () => {
    const ended = await foreign('failed');
    expect(await results.claimUpload(uploadOf(ended, '100'), LEASE_MS)).toEqual({ kind: 'done' });
    const running = await foreign('analyzing');
    expect(await results.claimPrepared(running, '100', '1', LEASE_MS)).toMatchObject({ kind: 'busy' });
    expect(await results.claimPrepared(running, '99', '1', LEASE_MS)).toEqual({ kind: 'superseded' });
    expect(await results.claimUpload(uploadOf(running, '99'), LEASE_MS)).toEqual({ kind: 'superseded' });
  });

  it('is left out of lists, of what is due and of replays of others', async () => {
    const id = await foreign('failed');
    const readable = idNumber(901);
    const now = Date.now();
    await documents.create(`results/${readable}`, {
      ...resultAt(now, { status: 'failed', failure: new PipelineError('RUNAWAY', 'Why.').toPublic() }),
      dueAt: new Date(now - 500),
    });
    const page = await new ResultReader(documents).list({ limit: 100 });
    expect(page.results.map((result) => result.id)).toContain(readable);
    expect(page.results.map((result) => result.id)).not.toContain(id);
    const due = await recovery.due(now, 100);
    expect(due.results.map((result) => result.id)).toContain(readable);
    expect(due.unreadable).toContain(id);
    expect((await recovery.ofFailure('RUNAWAY', 100)).results.map((result) => result.id)).toEqual([readable]);
    expect(await new Debts(documents).take(id, 1_000)).toBeUndefined();
    expect(await recovery.get(id)).toBeUndefined();
  });

  it('can be removed when its upload is deleted', async () => {
    const id = await foreign('completed');
    const head = await recovery.head(id);
    expect(head).toMatchObject({ generation: '100', owner: 'secret-owner' });
    expect(head && (await recovery.remove(head))).toBe(true);
    expect(await documents.get(`results/${id}`)).toBeUndefined();
  });

  it('because another version added to it does not keep its owner from ending it', async () => {
    last += 1;
    const id = idNumber(last);
    const claim = granted(await results.claimUpload(uploadOf(id, '7'), LEASE_MS));
    await documents.merge(`results/${id}`, { feedback: { verdict: 'to come' } });
    await results.end(claim, new PipelineError('CORRUPT_IMAGE', 'The picture is damaged.'));
    expect((await documents.get(`results/${id}`))?.data).toMatchObject({ status: 'refused' });
  });
});
