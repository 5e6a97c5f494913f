import { randomUUID } from 'node:crypto';
import { type CollectionReference, Firestore } from '@google-cloud/firestore';

export const CODE = {
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  failedPrecondition: 9,
  unavailable: 14,
} as const;

/** A client of the server at `host`; the client reads its address from the environment, when it is made. */
export function connect(host: string, databaseId = '(default)'): Firestore {
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  process.env['FIRESTORE_EMULATOR_HOST'] = host;
  try {
    return new Firestore({ projectId: 'contract', databaseId, ignoreUndefinedProperties: true });
  } finally {
    delete process.env['FIRESTORE_EMULATOR_HOST'];
  }
}

/** The client of one of the server's databases, the default one unless said otherwise. */
export type Database = (databaseId?: string) => Firestore;

/** An empty collection nobody else uses. */
export function freshCollection(database: Database): CollectionReference {
  return database().collection(`c-${randomUUID()}`);
}

/** The gRPC code `work` fails with, undefined when it succeeds. */
export async function failureCode(work: Promise<unknown>): Promise<number | undefined> {
  return work.then(
    () => undefined,
    (error: { code?: number }) => error.code ?? -1,
  );
}

export async function fill(
  collection: CollectionReference,
  documents: Record<string, Record<string, unknown>>,
): Promise<void> {
  const batch = collection.firestore.batch();
  for (const [id, data] of Object.entries(documents)) batch.set(collection.doc(id), data);
  await batch.commit();
}

export const times = <T>(count: number, work: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => work(i));
