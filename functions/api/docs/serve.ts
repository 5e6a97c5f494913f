import { createHash } from 'node:crypto';
import type { Express, Request } from 'express';
import type { Profile } from '../../../shared/profiles/define.ts';
import { allProfiles, profileNamed, profileNames } from '../../../shared/profiles/index.ts';
import { Problem } from '../problem.ts';
import { type DocumentOptions, openApiDocument } from './openapi.ts';
import { DOCS_STYLE, docsPage } from './page.ts';

/** Stands in the page, which is made once, for the address that the reader typed. */
const ORIGIN = 'http://ORIGIN';

/** What is written into a page: a name or an address and a port, nothing else. */
const HOST = /^[\w.-]+(:\d+)?$/;

/** `GET /v1/openapi.json[?profile=]`, `GET /docs`: each made once, from the same table as the routes. */
export function serveDocs(
  app: Express,
  { inCloud, loopback, maxBytes }: Pick<DocumentOptions, 'inCloud' | 'loopback' | 'maxBytes'>,
): void {
  const page = docsPage(ORIGIN);
  /** Of the profiles as they are: one that is changed is another object. */
  const documents = new WeakMap<readonly Profile[] | Profile, string>();
  const openApi = (request: Request): string => {
    const profile = askedProfile(request);
    const key = profile ?? allProfiles();
    const known = documents.get(key);
    const options = { origin: ORIGIN, inCloud, loopback, maxBytes, ...(profile ? { profile } : {}) };
    const text = known ?? JSON.stringify(openApiDocument(options));
    documents.set(key, text);
    return text.replaceAll(ORIGIN, originOf(request, inCloud));
  };
  const files: Record<string, [contentType: string, body: (request: Request) => string]> = {
    '/v1/openapi.json': ['application/json', openApi],
    '/docs': ['text/html; charset=utf-8', (request) => page.replaceAll(ORIGIN, originOf(request, inCloud))],
    '/docs.css': ['text/css; charset=utf-8', () => DOCS_STYLE],
  };
  for (const [path, [contentType, bodyFor]] of Object.entries(files)) {
    app.get(path, (request, response) => {
      const body = bodyFor(request);
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      response.set({ 'Cache-Control': 'no-cache', ETag: etag });
      if (request.headers['if-none-match'] === etag) response.status(304).end();
      else response.type(contentType).send(body);
    });
  }
}

/** @throws Problem UNKNOWN_PROFILE */
function askedProfile({ query }: Request): Profile | undefined {
  const { profile: name } = query;
  if (name === undefined) return undefined;
  const profile = typeof name === 'string' ? profileNamed(name) : undefined;
  if (profile) return profile;
  throw new Problem(
    'UNKNOWN_PROFILE',
    'There is no profile of that name.',
    `Ask for one of ${profileNames().join(', ')}, or leave profile out.`,
  );
}

function originOf({ headers: { host = '' } }: Request, inCloud: boolean): string {
  return `${inCloud ? 'https' : 'http'}://${HOST.test(host) ? host : 'ADDRESS'}`;
}
