import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FieldValue, type Firestore, GeoPoint, Timestamp } from '@google-cloud/firestore';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFirestoreServer } from '../../local/firestore/server.ts';
import { connect, times } from './firestore/subject.ts';

let dataDir = '';
const cleanUp: (() => unknown)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'firestore-journal-'));
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  rmSync(dataDir, { recursive: true, force: true });
});

const journal = () => join(dataDir, 'journal.jsonl');

/** Runs `work` against a server on `dataDir` that is shut down properly afterward. */
async function serve<T>(
  work: (client: Firestore) => Promise<T>,
  now?: () => number,
  databaseId?: string,
): Promise<T> {
  const server = await startFirestoreServer({ dataDir, ...(now && { now }) });
  const client = connect(server.host, databaseId);
  try {
    return await work(client);
  } finally {
    await client.terminate();
    await server.close();
  }
}

async function startInProcess(): Promise<{ client: Firestore; child: ChildProcess }> {
  const child = fork(new URL('./firestore/server-process.ts', import.meta.url), [dataDir], {
    stdio: 'ignore',
  });
  const [{ host }] = (await once(child, 'message')) as [{ host: string }];
  const client = connect(host);
  // A client whose server was killed may wait for the ends of its calls for minutes.
  cleanUp.push(() =>
    Promise.race([client.terminate(), new Promise((resolve) => setTimeout(resolve, 2_000))]),
  );
  cleanUp.push(() => child.kill('SIGKILL'));
  return { client, child };
}

const idsIn = async (client: Firestore) => (await client.collection('c').get()).docs.map(({ id }) => id);

describe('the journal of the local Firestore', () => {
  it('loses no acknowledged write when the process is killed in the middle of many', async () => {
    const { client, child } = await startInProcess();
    const acknowledged: string[] = [];
    const write = async (i: number) => {
      const document = client.collection('c').doc(`d${i}`);
      const { writeTime } = await document.create({ i, text: 'x'.repeat(500) });
      acknowledged.push(`${document.id} ${writeTime.valueOf()}`);
      if (acknowledged.length === 150) child.kill('SIGKILL');
    };
    const exit = once(child, 'exit');
    for (const each of times(400, write)) each.catch(() => undefined);
    await exit;

    const restarted = await startInProcess();
    const found = await restarted.client.collection('c').get();
    const present = new Set(found.docs.map((d) => `${d.id} ${d.updateTime.valueOf()}`));
    expect(acknowledged.length).toBeGreaterThanOrEqual(150);
    expect(acknowledged.filter((entry) => !present.has(entry))).toEqual([]);
  });

  it('brings back every type of value, times and deletions', async () => {
    const data = {
      nothing: null,
      yes: true,
      double: 1.5,
      whole: 7,
      odd: [Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      text: 'line\nbreak \u2028 \u{1F600}',
      bytes: Buffer.from([0, 255]),
      at: new Timestamp(1_795_000_000, 1000),
      place: new GeoPoint(1, 2),
      vector: FieldValue.vector([1, 2]),
      nested: { list: [{ m: 1, i: 'i', t: [] }], 'a.b': {} },
    };
    const before = await serve(async (client) => {
      await client.doc('c/gone').set({ a: 1 });
      await client.doc('c/gone').delete();
      await client.doc('c/kept').set({ a: 1 });
      await client.doc('c/kept').set({ ...data, self: client.doc('c/kept') });
      return client.doc('c/kept').get();
    });
    await serve(async (client) => {
      const after = await client.doc('c/kept').get();
      const { self, ...rest } = after.data() ?? {};
      expect(rest).toEqual(data);
      expect(self.path).toBe('c/kept');
      expect(after.updateTime?.valueOf()).toBe(before.updateTime?.valueOf());
      expect(after.createTime?.valueOf()).toBe(before.createTime?.valueOf());
      expect(await idsIn(client)).toEqual(['kept']);
      expect((await client.collection('c').where('whole', '==', 7).get()).size).toBe(1);
    });
  });

  it('keeps the databases apart over a restart', async () => {
    await serve((client) => client.doc('c/a').set({ a: 1 }), undefined, 'other');
    expect(await serve(idsIn)).toEqual([]);
    expect(await serve(idsIn, undefined, 'other')).toEqual(['a']);
  });

  it('drops a torn last line and goes on behind the last whole one', async () => {
    await serve((client) => client.doc('c/a').set({ a: 1 }));
    appendFileSync(journal(), '{"at":1795000000000000,"db":"projects/contract/data');
    expect(
      await serve(async (client) =>
        client
          .doc('c/b')
          .set({ a: 2 })
          .then(() => idsIn(client)),
      ),
    ).toEqual(['a', 'b']);
    expect(await serve(idsIn)).toEqual(['a', 'b']);
  });

  it('drops a last line that was cut anywhere, with all documents of its commit', async () => {
    await serve(async (client) => {
      await client.doc('c/a').set({ a: 1 });
      const batch = client.batch();
      for (const id of ['x', 'y', 'z']) batch.set(client.collection('c').doc(id), { id });
      await batch.commit();
    });
    truncateSync(journal(), statSync(journal()).size - 1);
    expect(await serve(idsIn)).toEqual(['a']);
  });

  it('never goes back in time, even when the clock of the machine does', async () => {
    const early = await serve(async (client) => (await client.doc('c/a').set({ a: 1 })).writeTime);
    const hourAgo = () => Date.now() - 3_600_000;
    const late = await serve(async (client) => (await client.doc('c/b').set({ a: 1 })).writeTime, hourAgo);
    expect(late.valueOf() > early.valueOf()).toBe(true);
  });

  it('shrinks at the next start when most of it is outdated', async () => {
    const text = 'x'.repeat(200_000);
    const { updateTime } = await serve(async (client) => {
      for (let i = 0; i < 25; i += 1) await client.doc('c/a').set({ i, text });
      await client.doc('c/b').set({ a: 1 });
      return client.doc('c/a').get();
    });
    expect(statSync(journal()).size).toBeGreaterThan(4_500_000);
    const after = await serve((client) => client.doc('c/a').get());
    expect(statSync(journal()).size).toBeLessThan(250_000);
    expect(after.get('i')).toBe(24);
    expect(after.updateTime?.valueOf()).toBe(updateTime?.valueOf());
    expect(await serve(idsIn)).toEqual(['a', 'b']);
  });

  it('lets no second process near its data', async () => {
    await startInProcess();
    await expect(startFirestoreServer({ dataDir })).rejects.toThrow(/process \d+\) is running/);
  });

  it('goes on after a power cut, whatever runs under the process ids of before', async () => {
    await serve((client) => client.doc('c/a').set({ i: 1 }));
    // As left by servers that wrote a process id alone: the system has given it to somebody else since.
    writeFileSync(join(dataDir, 'lock'), `${process.ppid}\n`);
    expect(await serve(idsIn)).toEqual(['a']);
  });

  it('writes one line for each commit, none for a write that changes nothing or fails', async () => {
    await serve(async (client) => {
      await client.doc('c/a').set({ a: 1 });
      await client.doc('c/a').set({ a: 1 });
      await client
        .doc('c/a')
        .create({ a: 2 })
        .catch(() => undefined);
      await client.batch().set(client.doc('c/b'), { b: 1 }).update(client.doc('c/a'), { a: 3 }).commit();
    });
    expect(readFileSync(journal(), 'utf8').split('\n')).toHaveLength(3);
  });
});
