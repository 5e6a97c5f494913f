import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { PROJECT } from '../../local/topology.ts';
import type { ResultDocument } from '../../shared/results/document.ts';

/** The function api in its own process beside local Storage and Firestore; results are written by the test. */
export interface RunningApi {
  url: string;
  cloud: LocalCloud;
  storage: Storage;
  firestore: Firestore;
  /** Replaces the document `results/{id}`. */
  write(id: string, document: ResultDocument): Promise<void>;
  /** Lines that the function wrote. */
  lines: string[];
  /** Resident memory of the function's process, in bytes. */
  memory(): number;
  close(): Promise<void>;
}

export async function startApi(env: Record<string, string> = {}, webDir?: string): Promise<RunningApi> {
  const dataDir = await mkdtemp(join(tmpdir(), 'api-'));
  const lines: string[] = [];
  const cloud = await startLocalCloud({
    dataDir,
    functions: ['api'],
    model: { kind: 'running', url: 'http://127.0.0.1:9' },
    functionEnv: { api: env },
    ...(webDir === undefined ? {} : { webDir }),
    onLog: (_name, line) => lines.push(line),
  });
  const firestore = new Firestore({
    projectId: PROJECT,
    host: '127.0.0.1',
    port: cloud.firestore.port,
    ssl: false,
    customHeaders: { Authorization: 'Bearer owner' },
  });
  return {
    url: cloud.url('api'),
    cloud,
    storage: new Storage({
      projectId: PROJECT,
      apiEndpoint: cloud.storage.url,
      useAuthWithCustomEndpoint: false,
    }),
    firestore,
    write: async (id, document) => {
      await firestore.doc(`results/${id}`).set(withoutUndefined(document));
    },
    lines,
    memory: () => cloud.supervisor.memory('api'),
    close: async () => {
      await firestore.terminate();
      await cloud.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const withoutUndefined = (document: ResultDocument): Record<string, unknown> =>
  Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined));
