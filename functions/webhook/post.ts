import { type LookupAddress, type LookupOptions, lookup as resolve } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { isLoopbackAddress, isPublicAddress, objectionTo } from '../../shared/results/webhooks/address.ts';

interface PostOptions {
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Everything together, in milliseconds. */
  limitMs: number;
  /** Host names that may lie in a private network. */
  privateHosts: readonly string[];
  /** Whether http addresses of this machine may be called. */
  loopback: boolean;
}

export type PostOutcome =
  | { kind: 'taken' }
  /** Another attempt may go well. */
  | { kind: 'failed'; why: string }
  /** No further attempt will. */
  | { kind: 'refused'; why: string };

/** Of an answer's body, which nobody reads. */
const MAX_ANSWER_BYTES = 16_384;

class ForbiddenAddress extends Error {
  readonly whither: string;

  constructor(whither: string) {
    super(whither);
    this.whither = whither;
  }
}

/**
 * Posts to an address that a stranger chose. The name is resolved by the connection itself, and what it resolves to is
 * checked there, so that no second look-up can lead elsewhere. Redirects are not followed; nothing of the answer but its
 * status comes back.
 */
export function post(url: string, options: PostOptions): Promise<PostOutcome> {
  const objection = objectionTo(url, options);
  if (objection !== undefined)
    return Promise.resolve({ kind: 'refused', why: `The address is not used: ${objection}.` });

  const { protocol, hostname } = new URL(url);
  const isPlain = protocol === 'http:';
  const mayBePrivate = options.privateHosts.includes(hostname);
  return new Promise((settle) => {
    const call = (isPlain ? plainRequest : request)(url, {
      method: 'POST',
      headers: { ...options.headers, 'Content-Length': Buffer.byteLength(options.body) },
      agent: false,
      ...(isPlain ? { lookup: loopbackLookup } : mayBePrivate ? {} : { lookup: publicLookup }),
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
  if (error instanceof ForbiddenAddress)
    return { kind: 'refused', why: `The address is not used: it leads ${error.whither}.` };
  return { kind: 'failed', why: `The receiver could not be reached (${error.code ?? 'connection failed'}).` };
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** Resolves to addresses of one kind only; a single other one among them is reason enough to refuse. */
const lookupOf =
  (isAllowed: (address: string) => boolean, otherwise: string) =>
  (hostname: string, options: LookupOptions, callback: LookupCallback): void =>
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isAllowed(address)))
        return callback(new ForbiddenAddress(otherwise), []);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });

const publicLookup = lookupOf(isPublicAddress, 'into a private network');
const loopbackLookup = lookupOf(isLoopbackAddress, 'away from this machine');
