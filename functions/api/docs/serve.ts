import { createHash } from 'node:crypto';
import type { Express, Request } from 'express';
import { openApiDocument } from './openapi.ts';
import { DOCS_STYLE, docsPage } from './page.ts';

/** Stands in the page, which is made once, for the address that the reader typed. */
const ORIGIN = 'http://ORIGIN';

/** What is written into a page: a name or an address and a port, nothing else. */
const HOST = /^[\w.-]+(:\d+)?$/;

/** `GET /v1/openapi.json`, `GET /docs`: made once, from the same table as the routes. */
export function serveDocs(app: Express, { inCloud }: { inCloud: boolean }): void {
  const page = docsPage(ORIGIN);
  const openApi = JSON.stringify(openApiDocument());
  const files: Record<string, [contentType: string, body: (request: Request) => string]> = {
    '/v1/openapi.json': ['application/json', () => openApi],
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

function originOf({ headers: { host = '' } }: Request, inCloud: boolean): string {
  return `${inCloud ? 'https' : 'http'}://${HOST.test(host) ? host : 'ADDRESS'}`;
}
