import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { OPERATIONS } from '../../shared/results/api/routes.ts';
import { send } from './contract/exchange.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.close());

describe('the documentation', () => {
  it('is a page that names every operation and loads nothing from elsewhere', async () => {
    const { status, headers, bytes } = await send(`${api.url}/docs`, 'GET', {});
    const page = bytes.toString();
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/html/);
    for (const [, { path }] of OPERATIONS) expect(page).toContain(path);
    expect(
      [...page.matchAll(/(?:src|href)="([^"]*)"/g)]
        .map((match) => match[1])
        .filter((one) => !/^[#/]/.test(one ?? '')),
    ).toEqual([]);
    expect((await send(`${api.url}/docs.css`, 'GET', {})).headers['content-type']).toMatch(/^text\/css/);
    const { etag = '' } = headers;
    expect((await send(`${api.url}/docs`, 'GET', { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  it('shows examples with the address under which it is read', async () => {
    const { bytes } = await send(`${api.url}/docs`, 'GET', {});
    expect(bytes.toString()).toContain(`curl -F profile=inventory -F file=@shelf.jpg ${api.url}/v1/images`);
  });

  it.each(OPERATIONS)(
    'says what each parameter of %s means',
    (_operation, { inPath, inQuery, inHeaders }) => {
      const parameters = [inPath, inQuery, inHeaders].flatMap((shape) => Object.entries(shape?.shape ?? {}));
      const unexplained = parameters.filter(([, schema]) => !(schema as z.ZodType).description);
      expect(unexplained.map(([name]) => name)).toEqual([]);
    },
  );
});
