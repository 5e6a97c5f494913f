import { randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { expect } from 'vitest';
import { z } from 'zod';
import { PROBLEMS } from '../../../shared/results/api/problem-codes.ts';
import { problem } from '../../../shared/results/api/problems.ts';
import type { Route, RouteAnswer } from '../../../shared/results/api/routes/route.ts';
import { type Operation, ROUTES } from '../../../shared/results/api/routes.ts';

export interface Asked {
  /** Fills `{id}` of the path. */
  id?: string;
  /** Fills `{name}` and `{version}`. */
  profile?: { name: string; version?: number };
  /** With its question mark. */
  query?: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** Sends the body but not its end. */
  unfinished?: boolean;
  /** Sends the last byte of the body when this is over. */
  hold?: Promise<unknown>;
}

export interface Exchanged {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the documented shape allows.
  json: any;
}

/** Every exchange is held against what the API documents of its operation, and remembered. */
export class Contract {
  readonly seen = new Set<string>();

  async ask(base: string, operation: Operation, asked: Asked = {}): Promise<Exchanged> {
    const route: Route = ROUTES[operation];
    const { name = 'nobody', version = 1 } = asked.profile ?? {};
    const path =
      route.path
        .replace('{id}', asked.id ?? '0'.repeat(32))
        .replace('{name}', name)
        .replace('{version}', String(version)) + (asked.query ?? '');
    const answer = await send(base + path, route.method.toUpperCase(), asked);
    this.seen.add(`${operation} ${hold(route, answer)}`);
    return answer;
  }
}

/** Checks the answer and gives the name that it is documented under: its status, or its problem's code. */
function hold(route: Route, { status, headers, json }: Exchanged): string {
  const type = headers['content-type']?.split(';')[0];
  if (type === 'application/problem+json') {
    const { code, ...rest } = problem.parse(json);
    expect({ code, ...rest }).toEqual(json);
    expect(PROBLEMS[code].status).toBe(status);
    expect(rest.detail).toMatch(/\.$/);
    expect(rest.hint).toMatch(/\.$/);
    expect(headers['cache-control']).toBe('no-store');
    return code;
  }
  const documented = (route.answers as Record<number, RouteAnswer>)[status];
  if (!documented)
    throw new Error(`${route.method} ${route.path} answers ${status}, which is not documented`);
  for (const header of Object.keys(documented.headers ?? {})) {
    if (header !== 'Location' || !Array.isArray(json?.images))
      expect(headers).toHaveProperty(header.toLowerCase());
  }
  const { content } = documented;
  if (content === undefined) expect(type).toBeUndefined();
  else if (content instanceof z.ZodType) expect(content.parse(json)).toEqual(json);
  else expect(content).toContain(type);
  return String(status);
}

export function send(url: string, method: string, asked: Asked): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const { body = '', headers = {}, unfinished = false, hold: held } = asked;
    const bytes = Buffer.from(body);
    const isStream = url.includes('/v1/events');
    const call = request(url, {
      method,
      headers: {
        ...(bytes.length > 0 ? { 'Content-Length': String(bytes.length + (unfinished ? 1000 : 0)) } : {}),
        ...headers,
      },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      const done = () => {
        const all = Buffer.concat(chunks);
        const isJson = /json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes: all,
          json: isJson && all.length > 0 ? JSON.parse(all.toString()) : undefined,
        });
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (isStream && response.statusCode === 200) {
          done();
          call.destroy();
        }
      });
      response.on('end', () => {
        done();
        call.destroy();
      });
      response.on('error', () => {});
    });
    if (held) {
      call.write(bytes.subarray(0, -1));
      void held.then(() => call.end(bytes.subarray(-1)));
    } else if (unfinished) call.write(bytes);
    else call.end(bytes);
  });
}

/** What the served OpenAPI document says may be answered, as `hold` names it. */
export function documentedAnswers(document: OpenApi): string[] {
  return Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([status]) => status !== 'default')
        .flatMap(([status, { 'x-codes': codes }]) =>
          (codes ?? [status]).map((one) => `${operationId} ${one}`),
        ),
    );
}

export interface OpenApi {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; responses: Record<string, { 'x-codes'?: string[] }> }>
  >;
}

/** A form as bytes and the content type that it goes with. */
export async function form(
  fields: Record<string, string>,
  files: readonly [string, Buffer<ArrayBuffer>][],
): Promise<{ body: Buffer; headers: Record<string, string> }> {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const [name, bytes] of files) data.append('file', new Blob([bytes], { type: 'image/jpeg' }), name);
  const response = new Response(data);
  return {
    headers: { 'Content-Type': response.headers.get('content-type') ?? '' },
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/** Bytes that the API takes for a picture. */
export const picture = (): Buffer<ArrayBuffer> => randomBytes(1000);

/** A picture as the bare body. */
export const bare = (bytes = picture()): Asked => ({
  body: bytes,
  headers: { 'Content-Type': 'image/jpeg' },
});

export const withKey = (key: string, asked: Asked): Asked => ({
  ...asked,
  headers: { ...asked.headers, 'Idempotency-Key': key },
});

export const json = (value: unknown): { body: string; headers: Record<string, string> } => ({
  body: JSON.stringify(value),
  headers: { 'Content-Type': 'application/json' },
});

/** An ID token as the platform hands it on: checked, and without its signature. */
export function checkedToken(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = {
    iss: 'https://accounts.google.com',
    sub: '1234567890',
    exp: Date.now() / 1000 + 3600,
    ...claims,
  };
  return `Bearer ${part({ alg: 'RS256' })}.${part(all)}.SIGNATURE_REMOVED_BY_GOOGLE`;
}
