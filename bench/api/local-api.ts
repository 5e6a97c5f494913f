import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';

/** The function api alone, beside local Storage, Firestore and Pub/Sub. Sets this process's environment. */
export async function startLocalApi(
  env: Record<string, string> = {},
): Promise<{ url: string; cloud: LocalCloud; lines: string[]; close: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-api-'));
  const lines: string[] = [];
  const cloud = await startLocalCloud({
    dataDir,
    functions: ['api'],
    model: { kind: 'running', url: 'http://127.0.0.1:9' },
    functionEnv: { api: { RATE_PER_SECOND: '100000', RATE_BURST: '100000', ...env } },
    onLog: (_name, line) => lines.push(line),
  });
  Object.assign(process.env, cloud.clientEnv);
  return {
    url: cloud.url('api'),
    cloud,
    lines,
    close: async () => {
      await cloud.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
