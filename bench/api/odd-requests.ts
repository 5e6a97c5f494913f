import { seededRandom } from '../../shared/base/seeded-random.ts';
import type { Route } from '../../shared/results/api/routes/route.ts';
import { OPERATIONS } from '../../shared/results/api/routes.ts';

export interface OddRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

const ODD_TEXTS = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    'NaN',
    'null',
    'undefined',
    'true',
    '[object Object]',
    '__proto__',
    'constructor',
  ],
  ...[
    '../../etc/passwd',
    '..%2f..%2f',
    '%00',
    '%',
    '%E0%A4%A',
    '%ff',
    "' OR 1=1 --",
    '<script>alert(1)</script>',
  ],
  ...[
    '{{7*7}}',
    '$' + '{jndi:ldap://x}',
    'a'.repeat(300),
    'é'.repeat(200),
    '\u202egnp.exe',
    '🦊',
    '冬',
    '2026-13-45',
  ],
  ...[
    '2026-11-20T00:00:00Z',
    'completed',
    'inventory',
    'describe',
    'f'.repeat(32),
    '0'.repeat(32),
    '__name__',
  ],
  ...[
    'https://169.254.169.254/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'results/x',
    'a/b/c',
    '.',
    '..',
  ],
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

const CONTENT_TYPES = [
  ...['application/json', 'application/json; charset=utf-16', 'image/jpeg', 'image/svg+xml', 'text/html', ''],
  ...['multipart/form-data', 'multipart/form-data; boundary=x', 'multipart/form-data; boundary=', 'x/y; z'],
  ...['application/octet-stream', 'application/x-www-form-urlencoded', 'application/cloudevents+json'],
];

const HEADERS = [
  ...[
    'Authorization',
    'X-Serverless-Authorization',
    'Idempotency-Key',
    'Last-Event-ID',
    'If-None-Match',
    'Origin',
  ],
  ...[
    'Content-Encoding',
    'Accept-Encoding',
    'X-Forwarded-For',
    'X-HTTP-Method-Override',
    'Range',
    'Cookie',
    'ce-type',
  ],
  ...[
    'Access-Control-Request-Method',
    'X-Cloud-Trace-Context',
    'Expect-CT',
    'Forwarded',
    'Sec-Fetch-Site',
    'Accept',
  ],
];

const FIELDS = [
  'profile',
  'uploader',
  'refresh',
  'webhook',
  'name',
  'wait',
  'limit',
  'status',
  'from',
  'cursor',
  'days',
  'v',
];

const JSON_FIELDS = [
  'verdict',
  'fields',
  'note',
  'anew',
  'contentType',
  'fileName',
  'bytes',
  'profile',
  'webhook',
  '__proto__',
];

/** Bodies that are right, so that some requests come far. */
const RIGHT_BODIES: readonly Readonly<Record<string, unknown>>[] = [
  { verdict: 'right' },
  { verdict: 'wrong', note: 'blurred' },
  { verdict: 'corrected', fields: { shelfId: 'A-08' } },
  { verdict: 'corrected', fields: { items: [{ sku: '1', quantity: -1, condition: 'old' }] } },
  { contentType: 'image/jpeg', fileName: 'a.jpg', bytes: 1_000 },
  { contentType: 'image/png', profile: 'inventory', webhook: 'https://example.com/' },
  { anew: true },
  {},
];

/** Requests that nobody should send, and some that nearly are right. `ids`: of results that exist. */
export class OddRequests {
  readonly #random: () => number;
  readonly #ids: readonly string[];

  constructor(seed: number, ids: readonly string[]) {
    this.#random = seededRandom(seed);
    this.#ids = ids;
  }

  next(): OddRequest {
    const [, route] = this.#pick(OPERATIONS);
    const method = this.#chance(0.7) ? route.method.toUpperCase() : this.#pick(METHODS);
    const headers = this.#chance(0.4) ? this.#rightHeaders(route) : this.#headers();
    const body = method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : this.#body(headers);
    return { method, path: this.#path(route), headers, body };
  }

  #path({ method, path }: Route): string {
    // What is deleted early would leave little to find later.
    const id = this.#chance(method === 'delete' ? 0.01 : 0.5) ? this.#pick(this.#ids) : this.#text();
    const filled = path.replace('{id}', this.#chance(0.9) ? escapeOnce(id) : printable(id));
    const odd = this.#chance(0.1) ? `${filled}/${printable(this.#text())}` : filled;
    return this.#chance(0.5) ? odd : `${odd}?${this.#query()}`;
  }

  #query(): string {
    return this.#some(4, () => {
      const name = this.#chance(0.8) ? this.#pick(FIELDS) : escapeOnce(this.#text());
      const value = this.#chance(0.9) ? escapeOnce(this.#text()) : printable(this.#text());
      return name === 'wait' ? 'wait=0' : `${name}=${value}`;
    }).join('&');
  }

  #rightHeaders({ body }: Route): Record<string, string> {
    if (!body) return {};
    return { 'Content-Type': Array.isArray(body.content) ? 'image/jpeg' : 'application/json' };
  }

  #headers(): Record<string, string> {
    const odd = this.#some(3, () => [this.#pick(HEADERS), ascii(this.#text())] as const);
    const type = this.#pick(CONTENT_TYPES);
    return { ...Object.fromEntries(odd), ...(type === '' ? {} : { 'Content-Type': type }) };
  }

  #body(headers: Record<string, string>): Buffer {
    const type = headers['Content-Type'] ?? '';
    if (type.includes('json'))
      return Buffer.from(this.#chance(0.9) ? JSON.stringify(this.#json()) : this.#text());
    if (type.includes('boundary=x')) return this.#form();
    return Buffer.from(this.#some(20, () => this.#text()).join('\n'));
  }

  #form(): Buffer {
    const parts = this.#some(4, () => {
      const name = this.#pick([...FIELDS, 'file', '__proto__', '']);
      const file = this.#chance(0.5) ? `; filename="${ascii(this.#text()).replaceAll('"', '')}"` : '';
      return `--x\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${this.#text()}\r\n`;
    });
    return Buffer.from(parts.join('') + (this.#chance(0.8) ? '--x--\r\n' : ''));
  }

  #json(): unknown {
    if (this.#chance(0.3)) return this.#value(3);
    const right = this.#pick(RIGHT_BODIES);
    return this.#chance(0.5) ? right : { ...right, [this.#pick(JSON_FIELDS)]: this.#value(2) };
  }

  #value(depth: number): unknown {
    const kind = Math.floor(this.#random() * (depth > 0 ? 7 : 5));
    switch (kind) {
      case 0:
        return this.#text();
      case 1:
        return this.#pick([0, -1, 1.5, 1e308, 2 ** 53]);
      case 2:
        return null;
      case 3:
        return this.#chance(0.5);
      case 4:
        return this.#pick(['right', 'wrong', 'corrected', 'image/jpeg']);
      case 5:
        return this.#some(5, () => this.#value(depth - 1));
      default:
        return Object.fromEntries(
          this.#some(5, () => [this.#pick(JSON_FIELDS), this.#value(depth - 1)] as const),
        );
    }
  }

  #text = (): string => this.#pick(ODD_TEXTS);
  #chance = (share: number): boolean => this.#random() < share;

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }

  #some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: Math.floor(this.#random() * (most + 1)) }, make);
  }
}

const escapeOnce = (text: string): string => encodeURIComponent(text);

/** What an HTTP request line may carry, left as odd as it is. */
const printable = (text: string): string =>
  text.replace(/[^\x21-\x7e]/gu, (sign) => encodeURIComponent(sign));

/** What a header may carry. */
const ascii = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');
