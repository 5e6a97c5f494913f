import { Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResultPage } from '../../shared/results/api/answers.ts';
import type { ResultView } from '../../shared/results/api/result.ts';
import { answered, idNumber, preparedAs, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

const T0 = Date.parse('2026-11-20T10:00:00Z');

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.close());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(api.url + path, { headers });

const page = async (query: string): Promise<ResultPage> =>
  (await get(`/v1/results${query}`)).json() as Promise<ResultPage>;

describe('the list of results', () => {
  beforeAll(async () => {
    expect((await page('')).results).toEqual([]);
    const statuses = ['received', 'preparing', 'prepared', 'analyzing', 'completed', 'parked'] as const;
    for (let n = 0; n < 12; n += 1) {
      const status = statuses[n % statuses.length] ?? 'received';
      // Three at a time share one millisecond.
      const document = resultAt(T0 + Math.floor(n / 3) * 1000, {
        status,
        profile: n % 2 === 0 ? 'inventory' : 'describe',
      });
      await api.write(idNumber(n), document);
    }
    await api.write(idNumber(99), resultAt(T0 + 99_000, { expireAt: new Date(T0) }));
    await api.firestore
      .doc(`results/${idNumber(98)}`)
      .set({ status: 'of another version', createdAt: new Date(T0) });
  });

  it('shows the newest first and leaves out what has outlived its retention', async () => {
    const { results, nextCursor } = await page('');
    expect(results.map(({ id }) => Number.parseInt(id, 16))).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(nextCursor).toBeNull();
  });

  it('comes in pages that repeat nothing of what was written to the microsecond', async () => {
    const ids = [201, 202, 203, 204, 205].map(idNumber);
    for (const [index, id] of ids.entries()) {
      await api.write(id, resultAt(T0, { profile: 'moderation' }));
      // As every client but JavaScript's writes them: finer than a Date.
      const createdAt = new Timestamp(Math.floor(T0 / 1000) + 60, 123_000_000 + (index + 1) * 100_000);
      await api.firestore.doc(`results/${id}`).update({ createdAt });
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { results, nextCursor }: ResultPage = await page(`?profile=moderation&limit=2${from}`);
      seen.push(...results.map(({ id }) => id));
      cursor = nextCursor;
    }
    expect(seen).toEqual(ids.toReversed());
    for (const id of ids) await api.firestore.doc(`results/${id}`).delete();
  });

  it('comes in pages that neither skip nor repeat, also within one millisecond', async () => {
    const seen: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`;
      const { results, nextCursor }: ResultPage = await page(query);
      expect(results.length).toBeLessThanOrEqual(2);
      seen.push(...results.map(({ id }) => Number.parseInt(id, 16)));
      cursor = nextCursor;
    }
    expect(seen).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it.each([
    ['?profile=describe', [11, 9, 7, 5, 3, 1]],
    ['?status=queued', [6, 0]],
    ['?status=processing', [9, 8, 7, 3, 2, 1]],
    ['?status=processing&profile=inventory', [8, 2]],
    ['?status=parked&profile=describe&limit=1', [11]],
    ['?status=failed', []],
  ])('can be narrowed by %s', async (query, numbers) => {
    expect((await page(query)).results.map(({ id }) => Number.parseInt(id, 16))).toEqual(numbers);
  });

  it.each([
    '?limit=0',
    '?limit=201',
    '?limit=x',
    '?status=nope',
    '?cursor=%00',
    '?cursor=abc',
    '?nonsense=1',
    '?profile=',
    '?limit=1&limit=2',
  ])('refuses %s with the parameters it takes', async (query) => {
    const response = await get(`/v1/results${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
  });
});

describe('a refusal of what was sent', () => {
  const detailOf = async (response: Response) => ((await response.json()) as { detail: string }).detail;

  it('comes before an upload whose type can never be answered', async () => {
    const ask = async (contentType: string) =>
      (
        await fetch(`${api.url}/v1/uploads`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ contentType }),
        })
      ).status;
    expect([await ask('image/heic'), await ask('image/x-icon'), await ask('application/pdf')]).toEqual([
      201, 400, 400,
    ]);
  });

  it('names what is missing and what is given twice', async () => {
    expect(await detailOf(await get('/v1/results?limit=1&limit=2'))).toBe(
      'limit: it is there more than once.',
    );
    const headers = { 'Content-Type': 'application/json' };
    const empty = await fetch(`${api.url}/v1/uploads`, { method: 'POST', body: '{}', headers });
    expect(await detailOf(empty)).toBe('contentType: it is missing.');
  });
});

describe('one result', () => {
  it('tells people everything but who holds the claim', async () => {
    const id = idNumber(0x200);
    await api.write(id, resultAt(T0, { ...preparedAs(id, 512_000), ...answered(T0 + 960) }));
    const response = await get(`/v1/results/${id}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const view = (await response.json()) as ResultView;
    expect(view).toMatchObject({
      id,
      status: 'completed',
      stage: 'completed',
      source: { url: 'gs://uploads/inventory/2026-11-20/shelf-0a1b2c3d4e5f.jpg', bytes: 4_200_000 },
      prepared: { width: 2048, height: 1536, bytes: 512_000, reencoded: true },
      imageUrl: `/v1/results/${id}/image?v=9f86d081884c7d65`,
      answer: { items: [{ sku: '12345', quantity: 24, condition: 'new' }] },
      attempts: [{ at: '2026-11-20T10:00:00.960Z' }],
      timings: { totalMs: 960 },
      executions: 1,
    });
    expect(JSON.stringify(view)).not.toContain('secret-owner');
  });

  it('says how its picture was prepared, and nothing where that was not recorded yet', async () => {
    const id = idNumber(0x210);
    const { prepared } = preparedAs(id, 399_000);
    if (!prepared) throw new Error('nothing was prepared');
    const view = async () => ((await (await get(`/v1/results/${id}`)).json()) as ResultView).prepared;
    await api.write(id, resultAt(T0, { prepared, ...answered(T0 + 960) }));
    expect(await view()).toEqual({ width: 2048, height: 1536, bytes: 399_000, reencoded: true });
    const told = { preparation: 'fast', quality: 78 } as const;
    await api.write(id, resultAt(T0, { prepared: { ...prepared, ...told }, ...answered(T0 + 960) }));
    expect(await view()).toMatchObject(told);
  });

  it('carries its failure with the hint, or until when it is parked', async () => {
    const id = idNumber(0x201);
    const failure = { code: 'MODEL_QUOTA_DAY', message: 'The quota is used up.', hint: 'Wait.' } as const;
    const parked = { until: new Date(T0 + 3_600_000), reason: 'The quota is used up.' };
    await api.write(id, resultAt(T0, { status: 'parked', failure, parked }));
    const view = (await (await get(`/v1/results/${id}`)).json()) as ResultView;
    expect(view.failure).toEqual(failure);
    expect(view.parked).toEqual({ until: '2026-11-20T11:00:00.000Z', reason: 'The quota is used up.' });
  });

  it.each(['f'.repeat(32), 'nope', '..%2F..%2Fcontrol', `${'a'.repeat(32)}%00`, 'A'.repeat(32)])(
    'is not found under the id %s',
    async (id) => {
      const response = await get(`/v1/results/${id}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'NOT_FOUND', resultStatus: 'not_found' });
    },
  );
});

describe('the prepared picture', () => {
  const id = idNumber(0x300);
  const bytes = Buffer.from('<script>these bytes are not a picture</script>');

  beforeAll(async () => {
    await api.write(id, resultAt(T0, { status: 'analyzing', ...preparedAs(id, bytes.length) }));
    await api.storage
      .bucket('prepared')
      .file(`${id}/1700000000000001.jpg`)
      .save(bytes, {
        resumable: false,
        metadata: { contentType: 'text/html' },
      });
  });

  it('is named bytes for programs that know no pictures', async () => {
    const read = await get(`/v1/results/${id}/image`, { accept: 'application/octet-stream' });
    expect(read.headers.get('content-type')).toBe('application/octet-stream');
    expect(read.headers.get('vary')).toContain('Accept');
  });

  it('is always served as a JPEG, whatever Storage says', async () => {
    const response = await get(`/v1/results/${id}/image`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('may be kept for ever under the address that carries its version', async () => {
    const view = (await (await get(`/v1/results/${id}`)).json()) as ResultView;
    const response = await get(view.imageUrl ?? '');
    expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    const etag = response.headers.get('etag') ?? '';
    expect((await get(`/v1/results/${id}/image`, { 'If-None-Match': etag })).status).toBe(304);
  });

  it('has no address while it is recorded but perhaps not written', async () => {
    await api.write(
      idNumber(0x303),
      resultAt(T0, { status: 'prepared', ...preparedAs(idNumber(0x303), 10) }),
    );
    const view = (await (await get(`/v1/results/${idNumber(0x303)}`)).json()) as ResultView;
    expect(view.prepared?.bytes).toBe(10);
    expect(view.imageUrl).toBeUndefined();
  });

  it('is not found before it is recorded, nor after its retention', async () => {
    await api.write(idNumber(0x301), resultAt(T0));
    await api.write(idNumber(0x302), resultAt(T0, preparedAs(idNumber(0x302), 10)));
    for (const n of [0x301, 0x302]) {
      const response = await get(`/v1/results/${idNumber(n)}/image`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});
