import { z } from 'zod';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { createReader } from '../reader/reader.ts';
import { startGeminiSimulator } from './server.ts';
import { openStoredFiles, openStoredObjects } from './stored-files.ts';

/** The simulator as a process of its own. With an ipc channel it ends when its parent does. */
const environment = z.object({
  GEMINI_SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Comma separated; empty: any key is let in. */
  GEMINI_SIMULATOR_KEYS: z.string().default(''),
  /** Makes faults and latencies repeatable. */
  GEMINI_SIMULATOR_SEED: z.coerce.number().int().optional(),
  /** `none` answers from the picture's size alone. */
  GEMINI_SIMULATOR_READER: z.enum(['local', 'none']).default('local'),
  GEMINI_SIMULATOR_WORKERS: z.coerce.number().int().min(1).max(16).optional(),
  /** The Storage server with the pictures that requests name as `gs://`; not set: such requests are refused. */
  STORAGE_EMULATOR_HOST: z.url().optional(),
});

const settings = environment.parse(process.env);
const keys = settings.GEMINI_SIMULATOR_KEYS.split(',').filter(Boolean);
const seed = settings.GEMINI_SIMULATOR_SEED;
const storageUrl = settings.STORAGE_EMULATOR_HOST;
const workers = settings.GEMINI_SIMULATOR_WORKERS;
const reader =
  settings.GEMINI_SIMULATOR_READER === 'local'
    ? createReader(workers === undefined ? {} : { workers })
    : undefined;

const simulator = await startGeminiSimulator({
  port: settings.GEMINI_SIMULATOR_PORT,
  ...(keys.length > 0 ? { apiKeys: keys } : {}),
  ...(seed === undefined ? {} : { random: seededRandom(seed) }),
  ...(reader ? { read: reader.read } : {}),
  ...(storageUrl === undefined
    ? {}
    : { openFile: openStoredFiles(storageUrl), objects: () => openStoredObjects(storageUrl) }),
});

process.stdout.write(`${JSON.stringify({ url: simulator.url, port: simulator.port })}\n`);
process.send?.({ url: simulator.url, port: simulator.port });

const stop = async () => {
  await simulator.close();
  await reader?.close();
  process.exit(0);
};
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
process.once('disconnect', () => void stop());
