import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowedHosts, apiVariables } from '../../functions/api/options.ts';
import { loadConfig } from '../../shared/base/config.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;
let webDir: string;

const PAGE = `<!doctype html><title>The page</title>${'<p>of the test</p>'.repeat(100)}`;

beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), 'web-'));
  await writeFile(join(webDir, 'index.html'), PAGE);
  await writeFile(join(webDir, 'index.html.gz'), gzipSync(PAGE));
  await writeFile(join(webDir, 'page-ABCD1234.js'), 'export const page = 1;');
  api = await startApi({ ANSWERED_BY: 'local-reader' }, webDir);
});

afterAll(async () => {
  await api.close();
  await rm(webDir, { recursive: true });
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** fetch() sets Host and Origin itself; this does not. */
const ask = (
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const call = request(api.url + path, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    call.on('error', reject);
    call.end();
  });

describe('a request', () => {
  it.each([
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    '192.168.1.7',
    'localhost.evil.example',
  ])('addressed to the name "%s" is refused', async (host) => {
    const { status, body } = await ask('/v1/results', { headers: { Host: host } });
    expect(status).toBe(421);
    expect(JSON.parse(body)).toMatchObject({ code: 'FOREIGN_HOST' });
  });

  it.each(['localhost:1', 'LOCALHOST', '127.0.0.1', '[::1]:9'])('addressed to %s is served', async (host) => {
    expect((await ask('/v1/status', { headers: { Host: host } })).status).toBe(200);
  });

  it.each([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://127.0.0.1:1' },
    { 'Sec-Fetch-Site': 'cross-site' },
  ])('that changes something and comes from elsewhere (%j) is refused', async (headers) => {
    const { status, body } = await ask('/v1/images', {
      method: 'POST',
      headers: headers as Record<string, string>,
    });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: 'FOREIGN_ORIGIN' });
  });

  it('from the own page may change something', async () => {
    const form = new FormData();
    form.append('file', new Blob([randomBytes(100)]), 'a.jpg');
    const response = await fetch(`${api.url}/v1/images`, {
      method: 'POST',
      body: form,
      headers: { Origin: api.url },
    });
    expect(response.status).toBe(202);
  });

  it.each([
    ['GET', '/v1/nothing', 404, 'NOT_FOUND'],
    ['GET', '/nothing', 404, 'NOT_FOUND'],
    ['GET', '/../package.json', 404, 'NOT_FOUND'],
    ['GET', '/index.html.gz', 404, 'NOT_FOUND'],
    ['PUT', '/v1/images', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/results', 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '/v1/events', 405, 'METHOD_NOT_ALLOWED'],
  ])('%s %s is answered with a problem that hides the inside', async (method, path, status, code) => {
    const answer = await ask(path, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = JSON.parse(answer.body);
    expect(problem).toMatchObject({ type: `urn:problem:${code.toLowerCase()}`, status, code });
    expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'detail', 'code', 'hint']);
    expect(answer.headers['x-powered-by']).toBeUndefined();
  });

  it('that no parser understands shows nothing of the inside', async () => {
    for (const path of ['/%', '/v1/results/%E0%A4%A', '/v1/results/%ff/image']) {
      const { status, body } = await ask(path);
      expect(status).toBe(400);
      expect(body).not.toMatch(/node_modules|\bat \w+ \(|\/functions\//);
    }
    const raw = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
      socket.on('data', (data) => resolve(data.toString()));
      socket.write('NONSENSE\r\n\r\n');
    });
    expect(raw).toMatch(/^HTTP\/1.1 400/);
  });
});

describe('the page', () => {
  it('is asked for each time, and loads nothing from elsewhere', async () => {
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body).toBe(PAGE);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect((await ask('/', { headers: { 'If-None-Match': String(headers['etag']) } })).status).toBe(304);
  });

  it('comes compressed as the build prepared it', async () => {
    const { headers } = await ask('/', { headers: { 'Accept-Encoding': 'gzip, br' } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(Number(headers['content-length'])).toBe(gzipSync(PAGE).length);
  });

  it('has files that may be kept for ever', async () => {
    const { headers, body } = await ask('/page-ABCD1234.js');
    expect(body).toBe('export const page = 1;');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it('learns what answers, which profiles there are and how large a file may be', async () => {
    expect(JSON.parse((await ask('/v1/status')).body)).toEqual({
      answeredBy: 'local-reader',
      uploadsBucket: 'uploads',
      storageEndpoint: api.cloud.storage.url,
      maxBytes: 50_000_000,
      sees: 'everything',
    });
    const { profiles } = JSON.parse((await ask('/v1/profiles')).body);
    const inventory = profiles.find(({ name }: { name: string }) => name === 'inventory');
    expect(inventory.schema.properties.items.items.properties.sku.type).toBe('string');
    expect(profiles.filter(({ isDefault }: { isDefault: boolean }) => isDefault)).toHaveLength(1);
  });

  it('says to people that there is nothing at an address, and to programs with a problem', async () => {
    const Accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const { status, headers, body } = await ask('/blah', { headers: { Accept } });
    expect({ status, body }).toEqual({ status: 404, body: PAGE });
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['vary']).toMatch(/Accept, Accept-Encoding$/);
    const type = async (path: string, accepted: string) =>
      (await ask(path, { headers: { Accept: accepted } })).headers['content-type'];
    const problem = 'application/problem+json; charset=utf-8';
    expect(await type('/blah', '*/*')).toBe(problem);
    expect(await type('/blah.png', 'image/avif,image/webp,*/*;q=0.8')).toBe(problem);
    expect(await type('/v1/blah', Accept)).toBe(problem);
  });

  it('that was not built is a sentence', async () => {
    const bare = await startApi({}, join(webDir, 'nothing'));
    const response = await fetch(bare.url);
    await bare.close();
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'PAGE_NOT_BUILT' });
  });
});

describe('the names that are served', () => {
  const hosts = (env: Record<string, string>) =>
    allowedHosts(
      loadConfig(apiVariables, {
        GOOGLE_CLOUD_PROJECT: 'local',
        ...{ UPLOADS_BUCKET: 'uploads', PREPARED_BUCKET: 'prepared' },
        ...env,
      }),
    );

  it('are those of this machine, unless the platform checks callers or names are given', () => {
    expect(hosts({})).toEqual(['127.0.0.1', 'localhost', '[::1]']);
    expect(hosts({ K_SERVICE: 'api' })).toBe('any');
    expect(hosts({ ALLOWED_HOSTS: ' Pictures.example, localhost ', K_SERVICE: 'api' })).toEqual([
      'pictures.example',
      'localhost',
    ]);
    expect(hosts({ ALLOWED_HOSTS: '*' })).toBe('any');
  });
});
