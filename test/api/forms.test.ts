import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApi, startApi } from './running-api.ts';

const MAX_BYTES = 3_000_000;

let api: RunningApi;

beforeAll(async () => {
  api = await startApi({ MAX_BYTES: String(MAX_BYTES) });
});

afterAll(() => api.close());

interface Told {
  index: number;
  fileName: string;
  status: string;
  id?: string;
  name?: string;
  code?: string;
  detail?: string;
}

type Part = [name: string, bytes: Buffer<ArrayBuffer>] | [field: string, text: string];

async function submit(parts: readonly Part[], headers: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, content] of parts) {
    if (typeof content === 'string') form.append(name, content);
    else form.append('file', new Blob([content], { type: 'image/jpeg' }), name);
  }
  const response = await fetch(`${api.url}/v1/images`, { method: 'POST', body: form, headers });
  return {
    status: response.status,
    json: (await response.json()) as Record<string, unknown> & { images: Told[] },
  };
}

const stored = async (): Promise<string[]> => {
  const [files] = await api.storage.bucket('uploads').getFiles();
  return files.map(({ name }) => name);
};

const sizeOf = async (name = ''): Promise<number> =>
  Number((await api.storage.bucket('uploads').file(name).getMetadata())[0].size);

describe('several files in one form', () => {
  it('come back in the order of the form, each with its place and its name, whichever was stored first', async () => {
    const sizes = [2_900_000, 10, 700_000, 1, 20_000, 2_000_000, 5];
    const { status, json } = await submit(sizes.map((bytes): Part => ['image.jpg', randomBytes(bytes)]));
    expect(status).toBe(202);
    expect(json.images.map(({ index, fileName }) => [index, fileName])).toEqual(
      sizes.map((_, index) => [index, 'image.jpg']),
    );
    expect(await Promise.all(json.images.map(({ name }) => sizeOf(name)))).toEqual(sizes);
  });

  it('are refused one by one: each is told what became of it, and the others are stored', async () => {
    const { status, json } = await submit([
      ['a.jpg', randomBytes(100)],
      ['empty.jpg', Buffer.alloc(0)],
      ['Übergroß.jpg', randomBytes(MAX_BYTES + 1)],
      ['d.jpg', randomBytes(300)],
    ]);
    expect(status).toBe(207);
    expect(json.images).toMatchObject([
      { index: 0, fileName: 'a.jpg', status: 'queued' },
      {
        index: 1,
        fileName: 'empty.jpg',
        status: 'refused',
        code: 'INVALID_REQUEST',
        detail: 'empty.jpg is empty.',
      },
      { index: 2, fileName: 'Übergroß.jpg', status: 'refused', code: 'TOO_MANY_BYTES' },
      { index: 3, fileName: 'd.jpg', status: 'queued' },
    ]);
    expect([await sizeOf(json.images[0]?.name), await sizeOf(json.images[3]?.name)]).toEqual([100, 300]);
  });

  it('of which none can be taken are one refusal that names them all', async () => {
    const { status, json } = await submit([
      ['a.jpg', Buffer.alloc(0)],
      ['b.jpg', Buffer.alloc(0)],
    ]);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      code: 'INVALID_REQUEST',
      images: [{ fileName: 'a.jpg' }, { fileName: 'b.jpg' }],
    });
  });

  it('beyond the limit are refused, and what was stored before is told', async () => {
    const before = await stored();
    const parts = Array.from({ length: 101 }, (_, i): Part => [`${i}.jpg`, randomBytes(50 + i)]);
    const { status, json } = await submit(parts);
    expect(status).toBe(400);
    expect(json['detail']).toBe('The form holds more than 100 files.');
    // Sometimes none is stored yet when the last one is counted.
    const told = json.images ?? [];
    expect((await stored()).filter((name) => !before.includes(name)).sort()).toEqual(
      told.map(({ name = '' }) => name).sort(),
    );
    for (const { index, name } of told) expect(await sizeOf(name)).toBe(50 + index);
  });

  it('repeated under one key are the same pictures at the same places', async () => {
    const parts: Part[] = [
      ['a.jpg', randomBytes(400_000)],
      ['a.jpg', randomBytes(10)],
    ];
    const first = await submit(parts, { 'Idempotency-Key': 'form' });
    expect(await submit(parts, { 'Idempotency-Key': 'form' })).toEqual(first);
  });
});

describe('a form that is wrong itself', () => {
  const file = (bytes: number): Part => ['a.jpg', randomBytes(bytes)];

  it.each<[string, Part[], string]>([
    [
      'a field behind its file',
      [file(100), ['profile', 'inventory']],
      'The field profile comes after a file',
    ],
    [
      'a field behind several files',
      [file(900_000), file(10), file(2_000_000), file(20), ['uploader', 'mia']],
      'The field uploader comes after a file',
    ],
    [
      'a field between its files',
      [file(300_000), ['refresh', 'true'], file(10)],
      'The field refresh comes after',
    ],
    [
      'a field twice',
      [['profile', 'inventory'], ['profile', 'describe'], file(10)],
      'profile is there more than once',
    ],
    ['an unknown field', [['color', 'red'], file(10)], 'color'],
    ['the field of every object', [['__proto__', 'x'], file(10)], '__proto__'],
    [
      'more fields than the limit',
      [...Array.from({ length: 21 }, (_, i): Part => [`field-${i}`, 'x']), file(10)],
      'more than 20 fields',
    ],
    ['too long a field', [['uploader', 'u'.repeat(2_001)], file(10)], 'The field uploader is too long'],
  ])('by %s is refused aloud and leaves nothing', async (_what, parts, detail) => {
    const before = await stored();
    const { status, json } = await submit(parts);
    expect(status).toBe(400);
    expect(json['detail']).toContain(detail);
    expect(json).not.toHaveProperty('images');
    expect(await stored()).toEqual(before);
  });

  it('under a key leaves the key to be used with the right one', async () => {
    const bytes = randomBytes(1_000);
    const headers = { 'Idempotency-Key': 'late-field' };
    expect(
      (
        await submit(
          [
            ['a.jpg', bytes],
            ['b.jpg', bytes],
            ['profile', 'describe'],
          ],
          headers,
        )
      ).status,
    ).toBe(400);
    const { status, json } = await submit(
      [
        ['profile', 'describe'],
        ['a.jpg', bytes],
        ['b.jpg', bytes],
      ],
      headers,
    );
    expect(status).toBe(202);
    expect(await Promise.all(json.images.map(({ name }) => sizeOf(name)))).toEqual([1_000, 1_000]);
  });
});
