import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { Problem } from './problem.ts';

type Encoding = 'br' | 'gzip';

interface PageFile {
  contentType: string;
  etag: string;
  isHashed: boolean;
  plain: Buffer;
  encoded: Partial<Record<Encoding, Buffer>>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const SUFFIX = { br: '.br', gzip: '.gz' } as const satisfies Record<Encoding, string>;

/** The build puts a hash of its content into the name of every file but the page itself. */
const HASHED = /-[A-Z0-9]{8}\.[a-z]+$/;

/** Views of the page that have an address of their own. */
const VIEW = /^\/(overview|review|profiles(\/[a-z][a-z0-9-]{0,39})?|results\/[0-9a-f]{32})?$/;

/** Serves the built page from memory; a browser that comes to no view of it gets it too, which says so and leads home. */
export function servePage(folder: string): RequestHandler {
  const files = loadPage(folder);
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    const isView = VIEW.test(request.path);
    const page = files.get('/index.html');
    const file = isView ? page : files.get(request.path);
    if (file) return send(file, request, response);
    if (isView) return next(notBuilt());
    response.vary('Accept');
    if (!page || !isForPeople(request)) return next();
    response.status(404);
    send(page, request, response);
  };
}

/** Whether somebody has opened the address in a browser; programs, scripts and pictures take anything or name another type. */
const isForPeople = (request: Request): boolean =>
  !request.path.startsWith('/v1/') &&
  request.accepts('application/problem+json', 'text/html') === 'text/html';

/** In the encoding that the build prepared and the browser takes. */
function send(file: PageFile, request: Request, response: Response): void {
  response.vary('Accept-Encoding').set({
    'Content-Type': file.contentType,
    'Cache-Control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: file.etag,
  });
  if (response.statusCode === 200 && request.headers['if-none-match'] === file.etag) {
    response.status(304).end();
    return;
  }
  const encoding = request.acceptsEncodings('br', 'gzip');
  const body = encoding === false ? undefined : file.encoded[encoding as Encoding];
  if (body) response.set('Content-Encoding', String(encoding));
  response.send(body ?? file.plain);
}

function loadPage(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const path of pathsIn(folder)) {
    const contentType = CONTENT_TYPES[extname(path)];
    if (contentType === undefined) continue;
    const plain = readFileSync(path);
    files.set(`/${relative(folder, path).split(sep).join('/')}`, {
      contentType,
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      isHashed: HASHED.test(path),
      plain,
      encoded: { ...encodedAs('br', path), ...encodedAs('gzip', path) },
    });
  }
  return files;
}

function encodedAs(encoding: Encoding, path: string): Partial<Record<Encoding, Buffer>> {
  try {
    return { [encoding]: readFileSync(path + SUFFIX[encoding]) };
  } catch {
    return {};
  }
}

function pathsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

const notBuilt = (): Problem =>
  new Problem(
    'PAGE_NOT_BUILT',
    'The page was not built when this server started.',
    'Build it and start again.',
  );
