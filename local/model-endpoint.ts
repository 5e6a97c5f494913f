import { fileURLToPath } from 'node:url';
import { findFreePort } from './supervisor/free-port.ts';
import type { Supervisor } from './supervisor/supervisor.ts';

/** Which model answers: Google's, a simulator that runs already, or one started as a process of this cloud. */
export type ModelEndpoint =
  | { kind: 'google'; apiKey: string }
  | { kind: 'running'; url: string }
  | {
      kind: 'simulator';
      reader: 'local' | 'none';
      /** Keys that it lets in beside the pipeline's own; empty or absent: any. */
      keys?: readonly string[];
    };

/** What the functions call the simulator with. */
const PIPELINE_KEY = 'local';
const SIMULATOR = fileURLToPath(new URL('gemini/main.ts', import.meta.url));

/** Of the functions that ask the model; starts the simulator where it is one of this cloud. */
export async function modelVariables(
  model: ModelEndpoint,
  supervisor: Supervisor,
  storageUrl: string,
  wanted: number,
): Promise<Record<string, string>> {
  switch (model.kind) {
    case 'google':
      return { GEMINI_API_KEY: model.apiKey };
    case 'running':
      return { GEMINI_API_KEY: PIPELINE_KEY, GEMINI_BASE_URL: model.url };
    case 'simulator': {
      const keys = model.keys?.length ? [PIPELINE_KEY, ...model.keys] : [];
      const env = {
        GEMINI_SIMULATOR_READER: model.reader,
        GEMINI_SIMULATOR_KEYS: keys.join(','),
        STORAGE_EMULATOR_HOST: storageUrl,
      };
      const url = await startSimulator(supervisor, 'gemini-simulator', wanted, env);
      return { GEMINI_API_KEY: PIPELINE_KEY, GEMINI_BASE_URL: url };
    }
  }
}

/** Of the functions that a reader answers for. */
export async function fallbackVariables(
  fallback: 'none' | 'local-reader',
  supervisor: Supervisor,
): Promise<Record<string, string>> {
  if (fallback === 'none') return {};
  return { FALLBACK: fallback, FALLBACK_URL: await startSimulator(supervisor, fallback, 0, {}) };
}

/** Resolves with its URL. */
async function startSimulator(
  supervisor: Supervisor,
  name: string,
  wanted: number,
  env: Record<string, string>,
): Promise<string> {
  const port = wanted || (await findFreePort());
  const url = `http://127.0.0.1:${port}`;
  await supervisor.start({
    kind: 'script',
    name,
    script: SIMULATOR,
    args: [],
    readyUrl: url,
    env: { GEMINI_SIMULATOR_PORT: String(port), ...env },
  });
  return url;
}
