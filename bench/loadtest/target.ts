import { z } from 'zod';
import { LocalRun } from '../local-run.ts';
import { photo, variant } from '../photo.ts';
import type { LoadOptions } from './options.ts';

/** Where the pictures go. */
interface Target {
  /** Sends picture `number` and resolves with its result, whatever its end; rejects when the way there fails. */
  send(number: number): Promise<object>;
  close(): Promise<void>;
}

export async function openTarget(options: LoadOptions): Promise<Target> {
  // A 4:3 photo.
  const width = Math.round(Math.sqrt((options.megapixels * 4_000_000) / 3));
  const jpeg = await photo(width, Math.round((width * 3) / 4));
  // No run repeats the pictures of another: answers of a deployment are cached.
  const start = Math.floor(Math.random() * 60_000);
  const picture = (number: number) => variant(jpeg, start + number);
  return options.target === 'local' ? openLocal(options, picture) : openDeployment(options, picture);
}

async function openLocal(
  { profile, modelMs }: LoadOptions,
  picture: (number: number) => Buffer,
): Promise<Target> {
  const local = await LocalRun.start({
    functionEnv: {
      'analyze-image': { MODEL_MAX_CONCURRENCY: '256', MODEL_MAX_QUEUE: '1000', DAILY_BUDGET_USD: 'none' },
    },
  });
  await local.behave({ latencyMs: modelMs });
  return {
    send: async (number) => (await local.settled(`${profile}/load/${number}.jpg`, picture(number))).data,
    close: () => local.close(),
  };
}

const accepted = z.object({ id: z.string() });
const view = z.looseObject({ status: z.string() });

/** Longest wait of one question, in seconds, and for a result altogether, in milliseconds. */
const WAIT_SECONDS = 30;
const PATIENCE_MS = 600_000;

function openDeployment({ target, profile }: LoadOptions, picture: (number: number) => Buffer): Target {
  const token = process.env['LOADTEST_TOKEN'];
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(new URL(path, target), {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string>) },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status}`);
    }
    return response.json();
  };
  return {
    send: async (number) => {
      const { id } = accepted.parse(
        await ask(`/v1/images?profile=${encodeURIComponent(profile)}`, {
          method: 'POST',
          headers: { 'content-type': 'image/jpeg' },
          body: new Uint8Array(picture(number)),
        }),
      );
      for (const endsAt = Date.now() + PATIENCE_MS; Date.now() < endsAt; ) {
        const result = view.parse(await ask(`/v1/results/${id}?wait=${WAIT_SECONDS}`));
        if (result.status !== 'queued' && result.status !== 'processing') return result;
      }
      throw new Error('no end in ten minutes');
    },
    close: async () => undefined,
  };
}
