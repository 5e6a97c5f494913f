import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ApiError, type Bucket, type File, type GetFilesOptions, Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type StorageServer, startStorageServer } from '../../local/storage/server.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const origin = 'http://127.0.0.1:4000';

// The client hangs a dozen listeners on each download over 64 KB, which Node would report as a leak.
EventEmitter.defaultMaxListeners = 20;

let dataDir: string;
let server: StorageServer;
let storage: Storage;
let uploads: Bucket;
const messages: { topic: string; attributes: Record<string, string>; resource: Record<string, unknown> }[] =
  [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'storage-'));
  server = await startStorageServer({
    dataDir,
    buckets: ['uploads', 'prepared', 'watched'],
    notifications: [
      { bucket: 'watched', topic: 'all-events' },
      {
        bucket: 'watched',
        topic: 'new-photos',
        eventTypes: ['OBJECT_FINALIZE'],
        objectNamePrefix: 'photos/',
      },
    ],
    publish: async (topic, { data, attributes }) => {
      messages.push({ topic, attributes, resource: JSON.parse(data.toString()) });
    },
    corsOrigins: [origin],
    signingKeyPem: privateKey,
  });
  const keyFile = join(dataDir, 'service-account.json');
  const account = { type: 'service_account', client_email: 'local@local.iam.gserviceaccount.com' };
  await writeFile(keyFile, JSON.stringify({ ...account, private_key: privateKey }));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', keyFile);
  storage = new Storage({
    projectId: 'local',
    apiEndpoint: server.url,
    retryOptions: { autoRetry: false },
  });
  uploads = storage.bucket('uploads');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(dataDir, { recursive: true });
});

/** HTTP status of a refusal. */
async function refusal(promise: Promise<unknown>): Promise<number> {
  const error = await promise.then(
    () => undefined,
    (reason: ApiError) => reason,
  );
  return Number(error?.code);
}

const download = async (file: File): Promise<string> => (await file.download())[0].toString();

describe('uploads', () => {
  it.each([
    ['in one request', { resumable: false }],
    ['resumably', { resumable: true }],
    ['resumably in chunks of 256 KiB', { resumable: true, chunkSize: 256 * 1024 }],
  ])('arrive whole when sent %s', async (title, options) => {
    const bytes = randomBytes(700_001);
    const file = uploads.file(`whole/${title}`);
    await file.save(bytes, {
      ...options,
      contentType: 'image/jpeg',
      metadata: { metadata: { uploader: 'ann' } },
    });
    const [metadata] = await file.getMetadata();
    expect(metadata).toMatchObject({
      size: '700001',
      contentType: 'image/jpeg',
      metadata: { uploader: 'ann' },
      md5Hash: createHash('md5').update(bytes).digest('base64'),
      metageneration: '1',
    });
    expect((await file.download())[0].equals(bytes)).toBe(true);
  });

  it('accept an empty object', async () => {
    await uploads.file('empty').save('', { resumable: false });
    await uploads.file('empty-resumable').save('', { resumable: true });
    expect(await download(uploads.file('empty'))).toBe('');
    expect(await download(uploads.file('empty-resumable'))).toBe('');
  });

  it('of 96 MB pass through without being held in memory', async () => {
    const piece = randomBytes(1024 * 1024);
    let sent = 0;
    let peak = 0;
    const source = Readable.from(
      (function* () {
        for (; sent < 96; sent++) {
          peak = Math.max(peak, process.memoryUsage().arrayBuffers);
          yield piece;
        }
      })(),
    );
    const before = process.memoryUsage().arrayBuffers;
    const file = uploads.file('large');
    await pipeline(source, file.createWriteStream({ resumable: false, validation: false }));
    const hash = createHash('md5');
    for await (const chunk of file.createReadStream()) {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      hash.update(chunk);
    }
    const [metadata] = await file.getMetadata();
    expect(metadata.size).toBe(String(96 * 1024 * 1024));
    expect(hash.digest('base64')).toBe(metadata.md5Hash);
    expect(peak - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('into an unknown bucket are refused', async () => {
    const file = storage.bucket('nowhere').file('x');
    expect(await refusal(file.save('x', { resumable: false }))).toBe(404);
    expect(await refusal(file.save('x', { resumable: true }))).toBe(404);
  });

  it('whose bytes do not match the announced checksum leave no object', async () => {
    const file = uploads.file('bad-sum');
    const wrong = createHash('md5').update('other').digest('base64');
    expect(await refusal(file.save('x', { resumable: false, metadata: { md5Hash: wrong } }))).toBe(400);
    const answer = await fetch(`${server.url}/upload/storage/v1/b/uploads/o?uploadType=media&name=bad-sum`, {
      method: 'POST',
      body: 'x',
      headers: { 'x-goog-hash': 'crc32c=AAAAAA==' },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 400, errors: [{ reason: 'invalid' }] } });
    expect((await file.exists())[0]).toBe(false);
  });

  it('that end before the closing boundary leave no object', async () => {
    const answer = await fetch(`${server.url}/upload/storage/v1/b/uploads/o?uploadType=multipart&name=torn`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/related; boundary=b' },
      body: '--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\nContent-Type: text/plain\r\n\r\nhalf of it',
    });
    expect(answer.status).toBe(400);
    expect((await uploads.file('torn').exists())[0]).toBe(false);
  });
});

describe('a resumable session', () => {
  const start = async (name: string): Promise<string> =>
    (await uploads.file(name).createResumableUpload())[0];
  const put = (uri: string, body: Buffer<ArrayBuffer> | string, range?: string): Promise<Response> =>
    fetch(uri, { method: 'PUT', body, headers: range ? { 'content-range': range } : {} });

  it('tells how far it is, ignores bytes it has, and completes', async () => {
    const bytes = Buffer.from(randomBytes(300_000));
    const uri = await start('session');
    expect((await put(uri, '', 'bytes */*')).headers.get('range')).toBeNull();
    const first = await put(uri, bytes.subarray(0, 262_144), 'bytes 0-262143/*');
    expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-262143']);
    const status = await put(uri, '', 'bytes */300000');
    expect([status.status, status.headers.get('range')]).toEqual([308, 'bytes=0-262143']);
    const last = await put(uri, bytes.subarray(200_000), 'bytes 200000-299999/300000');
    expect(await last.json()).toMatchObject({ name: 'session', size: '300000' });
    expect((await put(uri, '', 'bytes */*')).status).toBe(200);
    expect((await uploads.file('session').download())[0].equals(bytes)).toBe(true);
  });

  it('keeps whole 256 KiB of a chunk and asks for the rest again', async () => {
    const uri = await start('odd-chunk');
    const answer = await put(uri, Buffer.alloc(300_000), 'bytes 0-299999/*');
    expect(answer.headers.get('range')).toBe('bytes=0-262143');
  });

  it('is refused bytes that leave a gap', async () => {
    const answer = await put(await start('gap'), 'x', 'bytes 10-10/11');
    expect(answer.status).toBe(400);
  });

  it('ends when it is cancelled', async () => {
    const uri = await start('cancelled');
    expect((await fetch(uri, { method: 'DELETE' })).status).toBe(499);
    expect((await put(uri, 'x')).status).toBe(404);
  });
});

describe('preconditions', () => {
  it('let exactly one of 20 concurrent creators win', async () => {
    const file = uploads.file('contended');
    const attempts = Array.from({ length: 20 }, (_, i) =>
      file.save(`writer ${i}`, { resumable: i % 2 === 0, preconditionOpts: { ifGenerationMatch: 0 } }),
    );
    const outcomes = await Promise.allSettled(attempts);
    const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(lost).toEqual(Array(19).fill(412));
  });

  it('protect overwriting, patching and deleting by generation and metageneration', async () => {
    const file = uploads.file('guarded');
    await file.save('1', { resumable: false });
    const stale = { ifGenerationMatch: 1 };
    expect(await refusal(file.save('2', { resumable: false, preconditionOpts: stale }))).toBe(412);
    expect(await refusal(file.setMetadata({ contentType: 'a/b' }, { ifMetagenerationMatch: 9 }))).toBe(412);
    expect(await refusal(file.delete(stale))).toBe(412);
    expect(await download(file)).toBe('1');
  });

  it('answer 304 to a reader who knows the generation', async () => {
    const file = uploads.file('known');
    await file.save('1', { resumable: false });
    const [{ generation }] = await file.getMetadata();
    const url = `${server.url}/storage/v1/b/uploads/o/known?ifGenerationNotMatch=${generation}`;
    expect((await fetch(url)).status).toBe(304);
  });
});

describe('generations', () => {
  it('grow, and an overwritten one is gone', async () => {
    const file = uploads.file('versions');
    await file.save('old', { resumable: false });
    const [old] = await file.getMetadata();
    expect(await download(uploads.file('versions', { generation: String(old.generation) }))).toBe('old');
    await file.save('new', { resumable: false });
    const [current] = await file.getMetadata();
    expect(BigInt(String(current.generation))).toBeGreaterThan(BigInt(String(old.generation)));
    const gone = uploads.file('versions', { generation: String(old.generation) });
    expect(await refusal(gone.getMetadata())).toBe(404);
    expect(await refusal(gone.download())).toBe(404);
    expect(await download(file)).toBe('new');
  });

  it('stay readable and listed in a server with versioning', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'versioned-'));
    const versioned = await startStorageServer({ dataDir: folder, buckets: ['kept'], versioning: true });
    const bucket = new Storage({ projectId: 'local', apiEndpoint: versioned.url }).bucket('kept');
    const file = bucket.file('a');
    await file.save('one', { resumable: false });
    const [first] = await file.getMetadata();
    await file.save('two', { resumable: false });
    await file.delete();
    expect((await file.exists())[0]).toBe(false);
    expect(await download(bucket.file('a', { generation: String(first.generation) }))).toBe('one');
    expect((await bucket.getFiles({ versions: true }))[0]).toHaveLength(2);
    expect((await bucket.getFiles())[0]).toHaveLength(0);
    await versioned.close();
    await rm(folder, { recursive: true });
  });
});

describe('downloads', () => {
  const content = 'abcdefghijklmnopqrstuvwxyz';
  let file: File;
  beforeAll(async () => {
    file = uploads.file('alphabet');
    await file.save(content, { resumable: false });
  });

  it('give ranges from the start, to the end and from the end', async () => {
    expect((await file.download({ start: 2, end: 4 }))[0].toString()).toBe('cde');
    expect((await file.download({ start: 20 }))[0].toString()).toBe('uvwxyz');
    expect((await file.download({ end: -3 }))[0].toString()).toBe('xyz');
    expect(await refusal(file.download({ start: 26 }))).toBe(416);
  });

  it.each([['crc32c'], ['md5']] as const)('are validated by %s', async (validation) => {
    expect((await file.download({ validation }))[0].toString()).toBe(content);
  });

  it('of an object damaged on disk are refused by the client', async () => {
    const damaged = uploads.file('damaged');
    const marker = randomBytes(1000);
    await damaged.save(marker, { resumable: false });
    const folder = join(dataDir, 'contents');
    for (const path of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const name = join(path.parentPath, path.name);
      if (!path.isFile() || !(await readFile(name)).equals(marker)) continue;
      await writeFile(name, Buffer.alloc(1000));
    }
    await expect(damaged.download()).rejects.toMatchObject({ code: 'CONTENT_DOWNLOAD_MISMATCH' });
  });

  it('carry any character of the content disposition', async () => {
    const named = uploads.file('disposition');
    const contentDisposition = 'attachment; filename="Größe 📦.jpg"';
    await named.save('x', { resumable: false, metadata: { contentDisposition } });
    const answer = await fetch(`${server.url}/storage/v1/b/uploads/o/disposition?alt=media`);
    const raw = Buffer.from(answer.headers.get('content-disposition') ?? '', 'latin1');
    expect(raw.toString('utf8')).toBe(contentDisposition);
  });

  it('of a missing object say which one', async () => {
    const answer = await fetch(`${server.url}/storage/v1/b/uploads/o/never%2Fthere`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: {
        code: 404,
        message: 'No such object: uploads/never/there',
        errors: [{ message: 'No such object: uploads/never/there', domain: 'global', reason: 'notFound' }],
      },
    });
  });

  it('unpack gzip only for readers that do not take it', async () => {
    const zipped = uploads.file('zipped');
    await zipped.save(content.repeat(99), { resumable: false, gzip: true });
    expect(await download(zipped)).toBe(content.repeat(99));
    const url = `${server.url}/storage/v1/b/uploads/o/zipped?alt=media`;
    const plain = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(content.repeat(99));
  });
});

describe('metadata', () => {
  it('is patched key by key and counts its changes', async () => {
    const file = uploads.file('described');
    await file.save('x', { resumable: false, metadata: { metadata: { a: '1', b: '2' } } });
    await file.setMetadata({ contentType: 'image/png', metadata: { a: null, c: '3' } });
    const [metadata] = await file.getMetadata();
    expect(metadata).toMatchObject({
      contentType: 'image/png',
      metageneration: '2',
      metadata: { b: '2', c: '3' },
    });
    expect(metadata.metadata).not.toHaveProperty('a');
    expect(await download(file)).toBe('x');
  });
});

describe('listings', () => {
  const names = ['a', 'p/1', 'p/2', 'p/q/1', 'p/q/2', 'p/r/1', 'p/s', '\u{ff5e}', '\u{1f600}'];
  let bucket: Bucket;
  beforeAll(async () => {
    [bucket] = await storage.createBucket('listed');
    await Promise.all(names.toReversed().map((name) => bucket.file(name).save(name, { resumable: false })));
  });
  const listed = (files: File[]): string[] => files.map((file) => file.name);

  it('are in order of UTF-8 bytes', async () => {
    expect(listed((await bucket.getFiles())[0])).toEqual(names);
  });

  it('know prefixes, delimiters and offsets', async () => {
    expect(listed((await bucket.getFiles({ prefix: 'p/q/' }))[0])).toEqual(['p/q/1', 'p/q/2']);
    const [files, , page] = await bucket.getFiles({ prefix: 'p/', delimiter: '/', autoPaginate: false });
    expect(listed(files)).toEqual(['p/1', 'p/2', 'p/s']);
    expect(page).toMatchObject({ prefixes: ['p/q/', 'p/r/'] });
    const [part] = await bucket.getFiles({ startOffset: 'p/2', endOffset: 'p/r/1' });
    expect(listed(part)).toEqual(['p/2', 'p/q/1', 'p/q/2']);
  });

  async function allPages(query: GetFilesOptions): Promise<string[]> {
    const [files, next, page] = await bucket.getFiles({ ...query, autoPaginate: false });
    const { prefixes = [] } = page as { prefixes?: string[] };
    return [...listed(files), ...prefixes, ...(next ? await allPages(next) : [])];
  }

  it.each([1, 2, 3])('page by %i without losing or repeating a name or prefix', async (maxResults) => {
    expect(await allPages({ maxResults })).toEqual(names);
    const folder = await allPages({ prefix: 'p/', delimiter: '/', maxResults });
    expect(folder.sort()).toEqual(['p/1', 'p/2', 'p/q/', 'p/r/', 'p/s']);
  });
});

describe('copies and deletions', () => {
  it('copy bytes and metadata to another bucket, and survive the source', async () => {
    const source = uploads.file('source');
    await source.save('copied', {
      resumable: false,
      contentType: 'text/plain',
      metadata: { metadata: { k: 'v' } },
    });
    const target = storage.bucket('prepared').file('target');
    await source.copy(target);
    await source.delete();
    expect((await source.exists())[0]).toBe(false);
    expect(await refusal(source.delete())).toBe(404);
    expect(await download(target)).toBe('copied');
    expect((await target.getMetadata())[0]).toMatchObject({
      contentType: 'text/plain',
      metadata: { k: 'v' },
    });
  });

  it('compose several objects into one', async () => {
    const parts = await Promise.all(
      ['one ', 'two ', 'three'].map(async (text, i) => {
        const part = uploads.file(`part-${i}`);
        await part.save(text, { resumable: false });
        return part;
      }),
    );
    const [whole] = await uploads.combine(parts, uploads.file('composed'));
    expect(await download(whole)).toBe('one two three');
    expect((await whole.getMetadata())[0]).toMatchObject({ componentCount: 3 });
  });
});

describe('object names', () => {
  it.each([
    ['spaces', 'a b  c.jpg'],
    ['accents', 'Größe/é.jpg'],
    ['emoji', '📦/🏷️.jpg'],
    ['reserved characters', 'a#b?c&d=e+f%g.jpg'],
    ['an escape', 'a%2Fb%20c'],
    ['brackets', 'photo[0].jpg'],
    ['dots', 'a/../../etc/passwd'],
    ['a leading slash', '/leading'],
    ['double slashes', 'a//b/'],
    ['quotes and backslash', `"'\\<>`],
    ['the word of another route', 'b/uploads/o/x/rewriteTo/b/y/o/z'],
    ['1,024 bytes', 'é'.repeat(512)],
  ])('may hold %s', async (_, name) => {
    for (const resumable of [false, true]) {
      await uploads.file(name).save(name, { resumable });
      expect(await download(uploads.file(name))).toBe(name);
    }
    expect((await uploads.file(name).getMetadata())[0].name).toBe(name);
    expect((await uploads.getFiles({ prefix: name }))[0].map((file) => file.name)).toContain(name);
    await uploads.file(name).delete();
  });

  it.each([
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['more than 1,024 bytes', 'é'.repeat(513)],
    ['two dots alone', '..'],
  ])('may not hold %s', async (_, name) => {
    expect(await refusal(uploads.file(name).save('x', { resumable: false }))).toBe(400);
  });
});

describe('signed URLs', () => {
  const expires = (): number => Date.now() + 60_000;
  const sign = async (name: string, options: object): Promise<string> =>
    (
      await uploads.file(name).getSignedUrl({ version: 'v4', action: 'read', expires: expires(), ...options })
    )[0];

  it('let a browser upload with a content type and a size limit, and read back', async () => {
    const headers = { 'x-goog-content-length-range': '1,10', 'x-goog-meta-uploader': 'ann' };
    const url = await sign('signed/a b.txt', {
      action: 'write',
      contentType: 'text/plain',
      extensionHeaders: headers,
    });
    const put = (body: string, type = 'text/plain') =>
      fetch(url, { method: 'PUT', body, headers: { ...headers, 'content-type': type } });
    expect((await put('hello')).status).toBe(200);
    expect((await put('far too long')).status).toBe(400);
    expect((await put('hello', 'text/html')).status).toBe(403);
    expect(await (await fetch(await sign('signed/a b.txt', {}))).text()).toBe('hello');
    const [metadata] = await uploads.file('signed/a b.txt').getMetadata();
    expect(metadata).toMatchObject({ contentType: 'text/plain', metadata: { uploader: 'ann' } });
  });

  it('start resumable uploads', async () => {
    const url = await sign('signed/resumable', { action: 'resumable' });
    const started = await fetch(url, { method: 'POST', headers: { 'x-goog-resumable': 'start' } });
    expect(started.status).toBe(201);
    const done = await fetch(String(started.headers.get('location')), { method: 'PUT', body: 'hello' });
    expect(done.status).toBe(200);
    expect(await download(uploads.file('signed/resumable'))).toBe('hello');
  });

  it('are refused when altered, used for another object, expired, or unsigned', async () => {
    await uploads.file('signed/secret').save('s', { resumable: false });
    const url = await sign('signed/other', {});
    expect((await fetch(url.replace('signed/other', 'signed/secret'))).status).toBe(403);
    expect((await fetch(`${url}&response-content-type=text/html`)).status).toBe(403);
    expect((await fetch(await sign('signed/secret', {}), { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(`${server.url}/uploads/signed/secret`)).status).toBe(403);
    const old = await sign('signed/secret', {
      accessibleAt: Date.now() - 120_000,
      expires: Date.now() + 500,
    });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const expired = await fetch(old);
    expect(expired.status).toBe(400);
    expect(await expired.text()).toContain('<Code>ExpiredToken</Code>');
  });
});

describe('browsers', () => {
  it('of listed origins may call, others get no permission', async () => {
    const preflight = (from: string) =>
      fetch(`${server.url}/storage/v1/b/uploads/o`, {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'x-a',
        },
      });
    const allowed = await preflight(origin);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(allowed.headers.get('access-control-allow-headers')).toBe('x-a');
    expect((await preflight('http://elsewhere')).headers.get('access-control-allow-origin')).toBeNull();
    const read = await fetch(`${server.url}/storage/v1/b/uploads`, { headers: { origin } });
    expect(read.headers.get('access-control-allow-origin')).toBe(origin);
  });
});

describe('notifications', () => {
  const about = (name: string, topic = 'all-events') =>
    messages.filter((message) => message.topic === topic && message.attributes['objectId'] === name);

  it('tell of a new object, its overwriting, its metadata and its deletion', async () => {
    const file = storage.bucket('watched').file('a.jpg');
    await file.save('one', { resumable: false, contentType: 'image/jpeg' });
    const [one] = await file.getMetadata();
    await file.save('two', { resumable: true });
    const [two] = await file.getMetadata();
    await file.setMetadata({ metadata: { k: 'v' } });
    await file.delete();
    const common = { bucketId: 'watched', objectId: 'a.jpg', payloadFormat: 'JSON_API_V1' };
    expect(
      about('a.jpg').map(({ attributes: { eventTime: _, notificationConfig: __, ...rest } }) => rest),
    ).toEqual([
      { ...common, eventType: 'OBJECT_FINALIZE', objectGeneration: one.generation },
      {
        ...common,
        eventType: 'OBJECT_FINALIZE',
        objectGeneration: two.generation,
        overwroteGeneration: one.generation,
      },
      {
        ...common,
        eventType: 'OBJECT_DELETE',
        objectGeneration: one.generation,
        overwrittenByGeneration: two.generation,
      },
      { ...common, eventType: 'OBJECT_METADATA_UPDATE', objectGeneration: two.generation },
      { ...common, eventType: 'OBJECT_DELETE', objectGeneration: two.generation },
    ]);
    expect(about('a.jpg')[0]?.attributes['notificationConfig']).toBe(
      'projects/_/buckets/watched/notificationConfigs/1',
    );
    expect(about('a.jpg')[0]?.resource).toMatchObject({
      name: 'a.jpg',
      size: '3',
      contentType: 'image/jpeg',
    });
  });

  it('obey the event types and the prefix of their configuration', async () => {
    const bucket = storage.bucket('watched');
    await bucket.file('photos/1').save('x', { resumable: false });
    await bucket.file('photos/1').delete();
    await bucket.file('other/1').save('x', { resumable: false });
    const told = messages.filter(({ topic }) => topic === 'new-photos').map(({ attributes }) => attributes);
    expect(told).toMatchObject([{ objectId: 'photos/1', eventType: 'OBJECT_FINALIZE' }]);
  });
});

describe('faults', () => {
  it('make the server answer 503, break connections or stay silent until they are lifted', async () => {
    const file = uploads.file('alphabet');
    server.setFault('unavailable');
    expect(await refusal(file.getMetadata())).toBe(503);
    server.setFault('reset');
    await expect(fetch(`${server.url}/b/uploads`)).rejects.toThrow('fetch failed');
    server.setFault('hang');
    let answered = false;
    const silent = fetch(`${server.url}/b/uploads`).then((response) => {
      answered = true;
      return response.status;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answered).toBe(false);
    server.setFault('none');
    expect(await silent).toBe(200);
  });
});

it('counts operations by kind', async () => {
  const before = server.operations()['delete'] ?? 0;
  await uploads.file('counted').save('x', { resumable: false });
  await uploads.file('counted').delete();
  expect(server.operations()['delete']).toBe(before + 1);
});
