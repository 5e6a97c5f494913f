import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe } from 'vitest';
import { startFirestoreServer } from '../../local/firestore/server.ts';
import { findGoogleEmulator, startGoogleEmulator } from './firestore/google-emulator.ts';
import { describeListeners } from './firestore/listen-contract.ts';
import { describeQueries } from './firestore/queries-contract.ts';
import { connect } from './firestore/subject.ts';
import { describeTransactions } from './firestore/transactions-contract.ts';
import { describeValues } from './firestore/values-contract.ts';
import { describeWrites } from './firestore/writes-contract.ts';

function describeFirestore(start: () => Promise<{ host: string; close(): Promise<void> }>): void {
  let server: { host: string; close(): Promise<void> } | undefined;
  const clients = new Map<string, Firestore>();
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    for (const client of clients.values()) await client.terminate();
    await server?.close();
  });
  const database = (databaseId = '(default)'): Firestore => {
    if (!server) throw new Error('The server has not started.');
    const client = clients.get(databaseId) ?? connect(server.host, databaseId);
    clients.set(databaseId, client);
    return client;
  };

  describeWrites(database);
  describeValues(database);
  describeQueries(database);
  describeTransactions(database);
  describeListeners(database);
}

describe('the local Firestore', () => describeFirestore(() => startFirestoreServer({})));

// The second opinion, where it is installed.
const jar = findGoogleEmulator();
describe.skipIf(jar === undefined)("Google's Firestore emulator", () =>
  describeFirestore(() => startGoogleEmulator(jar ?? '')),
);
