import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { dayOf } from '../../shared/prices/units.ts';

const SPENDER = fileURLToPath(new URL('spender.ts', import.meta.url));

let server: FirestoreServer;
let firestore: Firestore;
const children: ChildProcess[] = [];

beforeEach(async () => {
  server = await startFirestoreServer({ port: 0 });
  const [host = '', port] = server.host.split(':');
  firestore = new Firestore({
    projectId: 'local',
    ...{ host, port: Number(port), ssl: false, customHeaders: { Authorization: 'Bearer owner' } },
  });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await firestore.terminate();
  await server.close();
});

/** An instance in a process of its own; resolves with its first line: how many calls it paid. */
function spender(
  owner: string,
  numbers: { limit: number; reserve: number; bill: number; tries: number },
  mode = '',
) {
  const { limit, reserve, bill, tries } = numbers;
  const child = spawn(
    process.execPath,
    [SPENDER, owner, ...[limit, reserve, bill, tries].map(String), mode],
    {
      env: { ...process.env, FIRESTORE_EMULATOR_HOST: server.host },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const paid = new Promise<number>((resolve) => child.stdout?.once('data', (line) => resolve(Number(line))));
  return { child, paid };
}

const grants = async (): Promise<Record<string, { nanoUsd: number }>> =>
  (await firestore.doc(`spend/pipeline_${dayOf(Date.now())}`).get()).data()?.['grants'];

const booked = async (): Promise<number> => {
  const shards = await firestore.collection(`spend/pipeline_${dayOf(Date.now())}/shards`).get();
  return shards.docs.reduce((sum, doc) => sum + doc.data()['total']['nanoUsd'], 0);
};

describe('four instances with 50 calls each and money for 50', () => {
  it('pay exactly 50 when a call costs what was reserved, and not one more', async () => {
    const numbers = { limit: 50_000, reserve: 1_000, bill: 1_000, tries: 50 };
    const paid = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => spender(owner, numbers).paid));
    expect(paid.reduce((sum, one) => sum + one, 0)).toBe(50);
    expect(await booked()).toBe(50_000);
  });

  it('never pay more than the limit when calls cost less than was reserved, and leave less than the dearest call', async () => {
    const numbers = { limit: 50_000, reserve: 3_000, bill: 1_000, tries: 50 };
    const paid = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => spender(owner, numbers).paid));
    const total = paid.reduce((sum, one) => sum + one, 0);
    expect(total).toBeLessThanOrEqual(50);
    expect(total).toBeGreaterThanOrEqual(40);
    expect(await booked()).toBe(total * 1_000);
    const held = Object.values(await grants()).reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
    expect(held).toBeLessThanOrEqual(50_000);
  });
});

describe('an instance that is killed between reserving and settling', () => {
  it('leaves its money to the others as soon as its grant has ended', async () => {
    const dead = spender('dead', { limit: 10_000, reserve: 1_000, bill: 0, tries: 10 }, 'hang');
    expect(await dead.paid).toBe(10);
    dead.child.kill('SIGKILL');
    const numbers = { limit: 10_000, reserve: 1_000, bill: 1_000, tries: 10 };
    expect(await spender('too-early', numbers).paid).toBe(0);

    const path = `spend/pipeline_${dayOf(Date.now())}`;
    await firestore.doc(path).update({ 'grants.dead.expiresAt': new Date(Date.now() - 1) });
    expect(await spender('heir', numbers).paid).toBe(10);
    expect(await grants()).toMatchObject({ dead: { nanoUsd: 0 }, heir: { nanoUsd: 10_000 } });
  });
});
