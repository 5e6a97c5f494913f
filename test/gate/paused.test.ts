import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { DECISION_MODEL } from '../../shared/profiles/decision-step.ts';
import { allProfiles, useProfiles } from '../../shared/profiles/index.ts';
import { readOverview } from '../../shared/results/overview.ts';
import { Control } from '../../shared/results/pauses.ts';
import { ResultReader } from '../../shared/results/reading.ts';

let server: FirestoreServer;
let documents: Documents;

beforeAll(async () => {
  server = await startFirestoreServer({ port: 0 });
  process.env['FIRESTORE_EMULATOR_HOST'] = server.host;
  documents = new Documents({ projectId: 'local' });
});
afterAll(async () => {
  await documents.close();
  await server.close();
});

it('a pause of the model that a gate asks, and no ladder, is shown like any other', async () => {
  const [first, ...others] = allProfiles();
  if (!first) throw new Error('There is no profile.');
  useProfiles([{ ...first, gate: [{ ask: 'Is it a shelf?' }] }, ...others]);
  const control = new Control(documents, { cacheMs: 0, log: silentLog });
  await control.pause(
    { model: DECISION_MODEL },
    { until: Date.now() + 60_000, code: 'MODEL_NOT_FOUND', reason: 'no access' },
  );
  const reader = new ResultReader(documents);
  expect(await readOverview({ reader, control, documents, sample: 1 })).toMatchObject({
    paused: [{ target: DECISION_MODEL, reason: 'no access' }],
  });
});
