import { Timestamp } from '@google-cloud/firestore';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadFirestoreService } from '../../local/firestore/wire.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';

/** A server that answers every write to a document with the status that is set for it, and counts them. */
let server: Server;
let documents: Documents;
const answers = new Map<string, number>();
const calls = new Map<string, number>();

interface Call {
  request: { writes?: { update?: { name: string }; delete?: string }[] };
}

const pathOf = ({ request: { writes = [] } }: Call): string =>
  (writes[0]?.update?.name ?? writes[0]?.delete ?? '').replace(/^.*\/documents\//, '');

beforeAll(async () => {
  server = new Server();
  const refuse = (call: Call, callback: (error: { code: number; details: string }) => void) => {
    const path = pathOf(call);
    calls.set(path, (calls.get(path) ?? 0) + 1);
    callback({ code: answers.get(path) ?? status.NOT_FOUND, details: 'a sentence of Firestore' });
  };
  const { grpc: service } = loadFirestoreService();
  server.addService(service, Object.fromEntries(Object.keys(service).map((name) => [name, refuse])));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', `127.0.0.1:${port}`);
  documents = new Documents({ projectId: 'local', overallMs: 2_000 });
  // The first call takes the time of loading the client.
  await new Documents({ projectId: 'local' }).deleteAt('results/first', new Timestamp(1, 0));
});
afterAll(async () => {
  // What the client still repeats ends with the next answer.
  answers.clear();
  await documents.close();
  server.forceShutdown();
  vi.unstubAllEnvs();
});

/** A document of its own for each status: the client goes on by itself with what was given up, while others are counted. */
const documentAnswering = (code: number): string => {
  const path = `results/status-${code}`;
  answers.set(path, code);
  return path;
};

const failureOf = async (code: number): Promise<{ failure: PipelineError; calls: number }> => {
  const path = documentAnswering(code);
  const failure = await documents.merge(path, { a: 1 }).catch((error: unknown) => error);
  if (!(failure instanceof PipelineError)) throw new Error(`no failure with a code: ${String(failure)}`);
  return { failure, calls: calls.get(path) ?? 0 };
};

const codesOf = (...names: (keyof typeof status)[]) => names.map((name) => [name, status[name]] as const);

describe.concurrent('a write that Firestore answers with', () => {
  it.each(
    codesOf(
      'CANCELLED',
      'UNKNOWN',
      'DEADLINE_EXCEEDED',
      'RESOURCE_EXHAUSTED',
      'ABORTED',
      'INTERNAL',
      'UNAVAILABLE',
    ),
  )('%s is repeated, and then delivered again: the store is away', async (_name, code) => {
    const { failure, calls } = await failureOf(code);
    expect(failure.code).toBe('STORE_UNAVAILABLE');
    expect(failure.disposition).toMatchObject({ redeliver: true, excused: true });
    expect(calls).toBeGreaterThan(1);
  });

  it.each(codesOf('INVALID_ARGUMENT', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'DATA_LOSS'))(
    '%s is never repeated and ends the image with the sentence that came',
    async (_name, code) => {
      const { failure, calls } = await failureOf(code);
      expect(failure.code).toBe('STORE_REFUSED');
      expect(failure.message).toContain('a sentence of Firestore');
      expect(failure.disposition).toMatchObject({ redeliver: false, park: false, status: 'failed' });
      expect(calls).toBe(1);
    },
  );

  it.each(codesOf('PERMISSION_DENIED', 'UNAUTHENTICATED'))(
    '%s is not repeated in place; the image waits for whoever grants the right',
    async (_name, code) => {
      const { failure, calls } = await failureOf(code);
      expect(failure.code).toBe('STORE_ACCESS');
      expect(failure.disposition).toMatchObject({ redeliver: true, excused: true });
      expect(calls).toBe(1);
    },
  );

  it.each(codesOf('NOT_FOUND', 'ALREADY_EXISTS', 'FAILED_PRECONDITION'))(
    '%s is a race that somebody else has won, and is not repeated',
    async (_name, code) => {
      const path = documentAnswering(code);
      expect(await documents.commit([{ kind: 'merge', path, patch: { a: 1 } }])).toBe('stale');
      expect(calls.get(path)).toBe(1);
    },
  );

  it('any status at all is one of these', () => {
    const tested = 7 + 4 + 2 + 3;
    const all = Object.values(status).filter((value) => typeof value === 'number' && value !== status.OK);
    expect(all).toHaveLength(tested);
  });
});

describe('a value that the client itself cannot write', () => {
  it('is refused for good without a call', async () => {
    class Strange {}
    await expect(documents.merge('results/strange', { a: new Strange() })).rejects.toMatchObject({
      code: 'STORE_REFUSED',
    });
    expect(calls.get('results/strange')).toBeUndefined();
  });
});
