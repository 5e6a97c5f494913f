import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { answerTypes } from '../../cli/profiles/types.ts';
import { ANSWERS } from '../../client/answers.ts';
import { ApiError } from '../../client/api-error.ts';
import { PipelineClient } from '../../client/pipeline-client.ts';
import { type AnyResult, type ResultOf, readResult, UnreadableResult } from '../../client/read-result.ts';
import type { FailureCode } from '../../shared/base/errors/codes.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { profileNamed } from '../../shared/profiles/index.ts';
import { answered, idNumber, preparedAs, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;
let client: PipelineClient;

beforeAll(async () => {
  api = await startApi({ FIGURES_CACHE_MS: '0', MAX_BYTES: '50000' });
  client = new PipelineClient({ baseUrl: api.url });
});

afterAll(() => api.close());

const blob = (bytes = randomBytes(1000)) => new Blob([bytes], { type: 'image/jpeg' });
const now = Date.now();

const completed = async (n: number, changes: Parameters<typeof resultAt>[1] = {}): Promise<string> => {
  const id = idNumber(n);
  await api.write(id, resultAt(now + n, { ...preparedAs(id, 9), ...answered(now + n + 5), ...changes }));
  return id;
};

describe('the client', () => {
  it('submits, waits and gives the result as soon as it has ended', async () => {
    const { id, name } = await client.submit(blob(), { profile: 'inventory', fileName: 'shelf.jpg' });
    expect(name).toMatch(/^inventory\/.*shelf-/);
    expect(await client.result(id)).toEqual({ id, status: 'queued', stage: 'uploaded', name });
    expect(await client.waitFor(id, 50)).toBeUndefined();

    const waiting = client.waitFor(id, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = Date.now();
    await api.write(id, resultAt(began, answered(began)));
    expect(await waiting).toMatchObject({ id, status: 'completed', answer: { shelfId: 'A-07' } });
    expect(Date.now() - began).toBeLessThan(50_000);
  });

  it('stores a picture without a file name under one that says what it is', async () => {
    expect((await client.submit(blob())).name).toMatch(/\/picture-[0-9a-f]{12}\.jpg$/);
  });

  it('uploads straight to the bucket with the address that it was given, once, and nothing else', async () => {
    const bytes = randomBytes(2_000);
    const ticket = await client.createUpload({
      fileName: 'a.jpg',
      contentType: 'image/jpeg',
      uploader: 'mia',
      bytes: bytes.length,
    });
    expect(await client.result(ticket.id)).toBeUndefined();
    await expect(client.uploadTo(ticket, blob(randomBytes(2_001)))).rejects.toBeInstanceOf(ApiError);
    const asText = { ...ticket, headers: { ...ticket.headers, 'Content-Type': 'text/html' } };
    await expect(client.uploadTo(asText, blob(bytes))).rejects.toMatchObject({ status: 403 });

    await client.uploadTo(ticket, blob(bytes));
    expect(await client.result(ticket.id)).toMatchObject({ status: 'queued', name: ticket.name });
    const [metadata] = await api.storage.bucket('uploads').file(ticket.name).getMetadata();
    expect(metadata).toMatchObject({
      contentType: 'image/jpeg',
      md5Hash: createHash('md5').update(bytes).digest('base64'),
      metadata: { profile: 'describe', uploader: 'mia' },
    });
    await expect(client.uploadTo(ticket, blob(bytes))).rejects.toMatchObject({ status: 412 });
  });

  it('lists all results page by page', async () => {
    for (let n = 0x500; n < 0x507; n += 1) await completed(n, { profile: 'moderation' });
    const ids: string[] = [];
    for await (const { id } of client.results({ profile: 'moderation', limit: 3 })) ids.push(id);
    expect(ids).toEqual([0x506, 0x505, 0x504, 0x503, 0x502, 0x501, 0x500].map(idNumber));
  });

  it('narrows a list by every combination of filters', async () => {
    const id = await completed(0x600);
    const from = new Date(now + 0x600);
    for (let bits = 0; bits < 16; bits += 1) {
      const page = await client.list({
        ...(bits & 1 ? { profile: 'inventory' } : {}),
        ...(bits & 2 ? { status: 'completed' as const } : {}),
        ...(bits & 4 ? { uploader: 'mia' } : {}),
        ...(bits & 8 ? { from } : {}),
      });
      expect(page.results.map((result) => result.id)).toContain(id);
    }
    expect((await client.list({ uploader: 'nobody' })).results).toEqual([]);
    expect((await client.list({ from: new Date(now + 99_999_999) })).results).toEqual([]);
  });

  it('gives feedback, figures and the reason of a refusal', async () => {
    const id = await completed(0x700);
    const said = await client.feedback(id, {
      verdict: 'corrected',
      fields: { shelfId: 'A-08' },
      note: 'blurred',
    });
    expect(said.feedback).toMatchObject({ fields: { shelfId: 'A-08' }, isCurrent: true, by: null });
    const { counts, sample } = await client.stats();
    expect(counts.completed).toBeGreaterThan(0);
    expect(sample.latency.totalMs?.p50Ms).toBe(960);
    expect(sample.successRate).toBe(1);
    expect((await client.cost()).total.usd).toBe(0);
    await expect(client.submit(blob(randomBytes(50_001)))).rejects.toMatchObject({
      status: 413,
      code: 'TOO_MANY_BYTES',
      hint: 'Upload a smaller file, or raise MAX_BYTES.',
    });
  });
});

describe('the figures', () => {
  it('have the share of each code that kept pictures from their answer, and say which call for somebody', async () => {
    const quiet = await startApi({ FIGURES_CACHE_MS: '0' });
    const failing = (code: FailureCode) => ({ failure: new PipelineError(code, 'It failed.').toPublic() });
    const parked = { parked: { until: new Date(now + 9_000_000), reason: 'It is gone.' } };
    try {
      await quiet.write(idNumber(1), resultAt(now, answered(now)));
      await quiet.write(
        idNumber(7),
        resultAt(now, { ...answered(now), timings: { totalMs: 3_600_000 }, replayedAt: new Date(now) }),
      );
      await quiet.write(idNumber(2), resultAt(now));
      for (const n of [3, 4])
        await quiet.write(
          idNumber(n),
          resultAt(now, { status: 'failed', ...failing('MODEL_REJECTED_REQUEST') }),
        );
      await quiet.write(idNumber(5), resultAt(now, { status: 'refused', ...failing('NOT_AN_IMAGE') }));
      await quiet.write(
        idNumber(6),
        resultAt(now, { status: 'parked', ...failing('MODEL_NOT_FOUND'), ...parked }),
      );
      const { sample } = await new PipelineClient({ baseUrl: quiet.url }).stats();
      expect(sample.failures).toMatchObject([
        { code: 'MODEL_REJECTED_REQUEST', status: 'failed', images: 2, share: 2 / 6, alarming: true },
        { code: 'MODEL_NOT_FOUND', status: 'parked', images: 1, share: 1 / 6, alarming: true },
        { code: 'NOT_AN_IMAGE', status: 'refused', images: 1, share: 1 / 6, alarming: false },
      ]);
      // The replay waited for something else than an upload does.
      expect(sample.latency.totalMs).toMatchObject({ images: 1, p99Ms: 960 });
      expect(sample.failures[1]?.hint).toContain('Name a model that exists');
    } finally {
      await quiet.close();
    }
  });
});

/** Without what a formatter changes. */
const unspaced = (text: string): string => text.replace(/\s+/g, '').replace(/,(?=[)\]}])/g, '');

describe('reading Firestore', () => {
  it('knows every profile that comes with the project', async () => {
    const known = Object.keys(ANSWERS).flatMap((name) => profileNamed(name) ?? []);
    expect(known.map(({ name }) => name)).toEqual(['describe', 'inventory', 'moderation']);
    const written = await readFile(new URL('../../client/answers.ts', import.meta.url), 'utf8');
    expect(unspaced(written)).toBe(unspaced(answerTypes(known)));
  });

  it('gives a checked and typed result', async () => {
    const id = await completed(0x800);
    const snapshot = await api.firestore.doc(`results/${id}`).get();
    expect(snapshot.get('createdAt')).toBeInstanceOf(Timestamp);
    const result = readResult(snapshot.data(), 'inventory');
    expectTypeOf(result).toEqualTypeOf<ResultOf<'inventory'>>();
    if (result.status !== 'completed') throw new Error('not completed');
    expect(result.answer.items[0]?.quantity).toBe(24);
    expect(result.createdAt).toBeInstanceOf(Date);
    const any: AnyResult = readResult(snapshot.data());
    if (any.profile === 'describe' && any.status === 'completed')
      expectTypeOf(any.answer.caption).toEqualTypeOf<string>();
  });

  it.each([
    ['another profile', { profile: 'describe' }],
    ['an unknown profile', { profile: 'nope' }],
    ['a completed result without its answer', { answer: undefined }],
    ['an answer of another version', { answer: { shelfId: 7 } }],
    ['no result', { status: 'nope' }],
  ])('refuses %s', (_what, changes) => {
    const document = { ...resultAt(now, answered(now)), ...changes };
    expect(() => readResult(document, 'inventory')).toThrow(UnreadableResult);
    expect(() => readResult(undefined)).toThrow(UnreadableResult);
  });
});
