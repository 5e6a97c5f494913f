import { seededRandom } from '../../shared/base/seeded-random.ts';
import type { Route } from '../../shared/results/api/routes/route.ts';
import { OPERATIONS } from '../../shared/results/api/routes.ts';
import {
  CONTENT_TYPES,
  FIELDS,
  HEADERS,
  JSON_FIELDS,
  METHODS,
  ODD_TEXTS,
  RIGHT_BODIES,
} from './odd-values.ts';

export interface OddRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

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
