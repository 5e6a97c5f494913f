import { createHash } from 'node:crypto';
import type { Express } from 'express';
import { openApiDocument } from './openapi.ts';
import { DOCS_STYLE, docsPage } from './page.ts';

/** `GET /v1/openapi.json`, `GET /docs`: made once, from the same table as the routes. */
export function serveDocs(app: Express): void {
  const files = {
    '/v1/openapi.json': ['application/json', JSON.stringify(openApiDocument())],
    '/docs': ['text/html; charset=utf-8', docsPage()],
    '/docs.css': ['text/css; charset=utf-8', DOCS_STYLE],
  } as const;
  for (const [path, [contentType, body]] of Object.entries(files)) {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    app.get(path, (request, response) => {
      response.set({ 'Cache-Control': 'no-cache', ETag: etag });
      if (request.headers['if-none-match'] === etag) response.status(304).end();
      else response.type(contentType).send(body);
    });
  }
}
