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

  it('explains webhooks: what is sent, and how it is checked in Node, Python and Go', async () => {
    const page = (await send(`${api.url}/docs`, 'GET', {})).bytes.toString();
    expect(page).toContain(`-F file=@shelf.jpg ${api.url}/v1/images`);
    for (const text of ['webhook-signature', 'npm install standardwebhooks', 'pip install', 'go get'])
      expect(page).toContain(text);
  });

  it.each(OPERATIONS)(
    'says what each parameter of %s means',
    (_operation, { inPath, inQuery, inHeaders }) => {
      const parameters = [inPath, inQuery, inHeaders].flatMap((shape) => Object.entries(shape?.shape ?? {}));
      const unexplained = parameters.filter(([, schema]) => !(schema as z.ZodType).description);
      expect(unexplained.map(([name]) => name)).toEqual([]);
    },
  );

  describe('for programs', () => {
    const document = async (query = '') => (await send(`${api.url}/v1/openapi.json${query}`, 'GET', {})).json;

    it('names the address it was read from, and no sign-in where nobody signs in', async () => {
      const { servers, security, paths } = await document();
      expect(servers).toEqual([{ url: api.url }]);
      expect(security).toEqual([]);
      expect(Object.keys(paths['/v1/status'].get.responses)).not.toContain('401');
    });

    it('has a name for every choice, bytes for pictures, and the profiles that there are', async () => {
      const { components, paths } = await document();
      const refs = (id: string) =>
        components.schemas[id].anyOf.map((one: { $ref: string }) => one.$ref.split('/').at(-1));
      expect(refs('AnyResult')).toEqual(['Result', 'PendingResult']);
      expect(refs('Submitted')).toEqual(['Accepted', 'AcceptedMany']);
      const picture = paths['/v1/results/{id}/image'].get.responses['200'].content;
      expect(picture['application/octet-stream'].schema).toEqual({ type: 'string', format: 'binary' });
      expect(components.schemas.ProfileName.enum).toContain('inventory');
      expect(components.schemas.UploadRequest.properties.bytes.maximum).toBeGreaterThan(0);
    });

    it('takes an http address of this machine as webhook, as it says, where nobody signs in', async () => {
      const { components } = await document();
      const webhook = 'http://127.0.0.1:3000/hook';
      expect(webhook).toMatch(new RegExp(components.schemas.WebhookAddress.pattern));
      expect('http://example.com/').not.toMatch(new RegExp(components.schemas.WebhookAddress.pattern));
      const submitted = await fetch(`${api.url}/v1/images?webhook=${encodeURIComponent(webhook)}`, {
        method: 'POST',
        headers: { 'Content-Type': 'image/jpeg' },
        body: 'x',
      });
      expect(submitted.status).toBe(202);
    });

    it('has the answer of one profile in its place where that is asked for', async () => {
      const { components } = await document('?profile=inventory');
      expect(components.schemas.Answer.properties).toHaveProperty('shelfId');
      expect((await document()).components.schemas.Answer.properties).toBeUndefined();
      expect((await document('?profile=nope')).code).toBe('UNKNOWN_PROFILE');
    });
  });
});
