import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LocalCloud } from './cloud.ts';

/** Where a running local cloud is to be found; written at start for the command line and for scripts. */
const endpoints = z.object({
  page: z.url(),
  storage: z.url(),
  firestore: z.string(),
  pubsub: z.url(),
  gemini: z.url().optional(),
  /** Environment that points the real client libraries here. */
  clientEnv: z.record(z.string(), z.string()),
});

export type Endpoints = z.infer<typeof endpoints>;

/** Of a cloud that runs. */
export const endpointsOf = (cloud: LocalCloud, gemini = cloud.modelUrl): Endpoints => ({
  page: cloud.url('api'),
  storage: cloud.storage.url,
  firestore: cloud.firestore.host,
  pubsub: cloud.pubsub.url,
  ...(gemini === undefined ? {} : { gemini }),
  clientEnv: { ...cloud.clientEnv },
});

const pathIn = (dataDir: string): string => join(dataDir, 'endpoints.json');

export const writeEndpoints = (dataDir: string, value: Endpoints): Promise<void> =>
  writeFile(pathIn(dataDir), `${JSON.stringify(value, null, 2)}\n`);

/** Undefined when no local cloud has been started in this folder. */
export async function readEndpoints(dataDir: string): Promise<Endpoints | undefined> {
  try {
    return endpoints.parse(JSON.parse(await readFile(pathIn(dataDir), 'utf8')));
  } catch {
    return undefined;
  }
}
