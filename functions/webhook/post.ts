import { type LookupAddress, type LookupOptions, lookup as resolve } from 'node:dns';
import { request } from 'node:https';
import { isPublicAddress, objectionTo } from '../../shared/results/webhooks/address.ts';

interface PostOptions {
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Everything together, in milliseconds. */
  limitMs: number;
  /** Host names that may lie in a private network. */
  privateHosts: readonly string[];
}

export type PostOutcome =
  | { kind: 'taken' }
  /** Another attempt may go well. */
  | { kind: 'failed'; why: string }
  /** No further attempt will. */
  | { kind: 'refused'; why: string };

/** Of an answer's body, which nobody reads. */
const MAX_ANSWER_BYTES = 16_384;

class PrivateAddress extends Error {}

/**
 * Posts to an address that a stranger chose. The name is resolved by the connection itself, and what it resolves to is
 * checked there, so that no second look-up can lead elsewhere. Redirects are not followed; nothing of the answer but its
 * status comes back.
 */
export function post(url: string, options: PostOptions): Promise<PostOutcome> {
  const objection = objectionTo(url);
  if (objection !== undefined)
    return Promise.resolve({ kind: 'refused', why: `The address is not used: ${objection}.` });

  const mayBePrivate = options.privateHosts.includes(new URL(url).hostname);
  return new Promise((settle) => {
    const call = request(url, {
      method: 'POST',
      headers: { ...options.headers, 'Content-Length': Buffer.byteLength(options.body) },
      agent: false,
      ...(mayBePrivate ? {} : { lookup: publicLookup }),
    });
    const end = (outcome: PostOutcome) => {
      clearTimeout(timer);
      settle(outcome);
      call.destroy();
    };
    const timer = setTimeout(
      () => end({ kind: 'failed', why: `No answer came within ${options.limitMs / 1000} seconds.` }),
      options.limitMs,
    );
    call.on('error', (error) => end(outcomeOf(error)));
    call.on('response', (response) => {
      let bytes = 0;
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) end(answered(response.statusCode ?? 0));
      });
      response.on('end', () => end(answered(response.statusCode ?? 0)));
    });
    call.end(options.body);
  });
}

/** 410 is how a receiver says that it wants nothing more (https://www.standardwebhooks.com). */
function answered(status: number): PostOutcome {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 410) return { kind: 'refused', why: 'The receiver answered 410: it wants nothing more.' };
  const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return { kind: 'failed', why: `The receiver answered ${status}${redirect}.` };
}

function outcomeOf(error: NodeJS.ErrnoException): PostOutcome {
  if (error instanceof PrivateAddress)
    return { kind: 'refused', why: 'The address is not used: it leads into a private network.' };
  return { kind: 'failed', why: `The receiver could not be reached (${error.code ?? 'connection failed'}).` };
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** Resolves to public addresses only; one private address among them is reason enough to refuse. */
function publicLookup(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const [first] = addresses;
    if (!first || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(new PrivateAddress(hostname), []);
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
}
