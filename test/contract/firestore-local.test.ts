import {
  type DocumentReference,
  type DocumentSnapshot,
  Filter,
  type Firestore,
} from '@google-cloud/firestore';
import { credentials, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type FirestoreServer,
  type FirestoreServerOptions,
  startFirestoreServer,
} from '../../local/firestore/server.ts';
import { loadFirestoreService } from '../../local/firestore/wire.ts';
import { CODE, connect, failureCode, fill } from './firestore/subject.ts';

const unsubscribe: (() => void)[] = [];
const open: { client: Firestore; server: FirestoreServer }[] = [];
afterEach(async () => {
  for (const stop of unsubscribe.splice(0)) stop();
  for (const { client, server } of open.splice(0)) {
    server.setFault('none');
    await client.terminate();
    await server.close();
  }
});

async function start(options: FirestoreServerOptions = {}) {
  const server = await startFirestoreServer(options);
  const client = connect(server.host);
  open.push({ client, server });
  return { client, server };
}

function watch(document: DocumentReference): unknown[] {
  const seen: unknown[] = [];
  const onSnapshot = (snapshot: DocumentSnapshot) => seen.push(snapshot.get('a') ?? 'none');
  unsubscribe.push(document.onSnapshot(onSnapshot, () => undefined));
  return seen;
}

/** One call without any retry: the code it fails with. */
function rawRollback({ host }: FirestoreServer): Promise<number | undefined> {
  const Service = makeGenericClientConstructor(loadFirestoreService().grpc, 'Firestore');
  const service = new Service(host, credentials.createInsecure());
  return new Promise((resolve) => {
    service['Rollback']?.({ database: 'projects/p/databases/d' }, (error: ServiceError | null) => {
      service.close();
      resolve(error?.code);
    });
  });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('faults of the local Firestore', () => {
  it('refuses calls as unavailable; the client tries again and gets through when the fault is lifted', async () => {
    const { client, server } = await start();
    server.setFault('unavailable');
    expect(await rawRollback(server)).toBe(CODE.unavailable);
    const write = client.doc('c/a').set({ a: 1 });
    await pause(100);
    expect(server.operations().writes).toBe(0);
    server.setFault('none');
    expect(await rawRollback(server)).toBeUndefined();
    await write;
    expect(server.operations().writes).toBe(1);
  });

  it('answers nothing while it hangs, and everything afterward', async () => {
    const { client, server } = await start();
    await client.doc('c/a').set({ a: 1 });
    server.setFault('hang');
    let answered = 0;
    const work = [client.doc('c/b').set({ a: 1 }), client.doc('c/a').get(), client.collection('c').get()];
    for (const each of work) each.then(() => (answered += 1));
    await pause(150);
    expect(answered).toBe(0);
    server.setFault('none');
    await Promise.all(work);
    expect(answered).toBe(3);
  });

  it('cuts listeners off when unavailable; they catch up automatically', async () => {
    const { client, server } = await start();
    await client.doc('c/a').set({ a: 1 });
    const seen = watch(client.doc('c/a'));
    await vi.waitFor(() => expect(seen).toEqual([1]), 60_000);
    server.setFault('unavailable');
    await pause(50);
    server.setFault('none');
    await client.doc('c/a').set({ a: 2 });
    await vi.waitFor(() => expect(seen).toEqual([1, 2]), { timeout: 60_000 });
  });

  it('keeps listeners silent while it hangs', async () => {
    const { client, server } = await start();
    await client.doc('c/a').set({ a: 1 });
    const seen = watch(client.doc('c/a'));
    await vi.waitFor(() => expect(seen).toEqual([1]), 60_000);
    const write = client.doc('c/a').set({ a: 2 });
    server.setFault('hang');
    await pause(100);
    expect(seen).toEqual([1]);
    server.setFault('none');
    await write;
    await vi.waitFor(() => expect(seen).toEqual([1, 2]), 60_000);
  });
});

describe('queries the local Firestore refuses', () => {
  const refused: [string, Filter][] = [
    ['two negations', Filter.and(Filter.where('a', '!=', 1), Filter.where('b', '!=', 1))],
    ['not-in under an OR', Filter.or(Filter.where('a', 'not-in', [1]), Filter.where('b', '==', 1))],
    ['not-in next to in', Filter.and(Filter.where('a', 'not-in', [1]), Filter.where('b', 'in', [1]))],
    [
      'two array filters',
      Filter.and(Filter.where('a', 'array-contains', 1), Filter.where('b', 'array-contains-any', [1])),
    ],
    ['more than 30 alternatives', Filter.where('a', 'in', Array.from({ length: 31 }).fill(1))],
  ];
  it.each(refused)('%s', async (_name, filter) => {
    const { client } = await start();
    expect(await failureCode(client.collection('c').where(filter).get())).toBe(CODE.invalidArgument);
  });
});

describe('bookkeeping of the local Firestore', () => {
  it('counts documents read and written as they would be billed', async () => {
    const { client, server } = await start();
    await fill(client.collection('c'), { a: { n: 1 }, b: { n: 2 }, c: { n: 3 } });
    expect(server.operations()).toEqual({ reads: 0, writes: 3 });
    await client.doc('c/a').get();
    await client.collection('c').where('n', '>', 1).get();
    await client.collection('c').where('n', '>', 9).get();
    await client.doc('c/a').delete();
    expect(server.operations()).toEqual({ reads: 4, writes: 4 });
  });

  it('deletes documents whose time to live is over, and listeners see them go', async () => {
    let now = 1_795_000_000_000;
    const ttlFields = [{ collectionGroup: 'answers', field: 'expireAt' }];
    const { client } = await start({ now: () => now, ttlFields, ttlSweepMs: 20 });
    await client.doc('answers/old').set({ a: 1, expireAt: new Date(now + 1000) });
    await client.doc('answers/young').set({ a: 1, expireAt: new Date(now + 60_000) });
    await client.doc('answers/eternal').set({ a: 1 });
    await client.doc('results/other').set({ a: 1, expireAt: new Date(now + 1000) });
    const seen = watch(client.doc('answers/old'));
    await vi.waitFor(() => expect(seen).toEqual([1]), 60_000);
    now += 2000;
    await vi.waitFor(() => expect(seen).toEqual([1, 'none']), 60_000);
    expect((await client.collection('answers').get()).docs.map(({ id }) => id)).toEqual(['eternal', 'young']);
    expect((await client.doc('results/other').get()).exists).toBe(true);
  });
});
