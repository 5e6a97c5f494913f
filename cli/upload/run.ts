import { resultId } from '../../shared/results/id.ts';
import type { StoredResult } from '../../shared/results/reading.ts';
import { explain } from '../failure.ts';
import { ResultFollower } from '../results/follow.ts';
import type { Target } from '../target.ts';
import type { NamedFile } from './names.ts';
import { refusalOf } from './refusal.ts';
import { type Sender, sendFile } from './send.ts';

/** What became of one file. */
export type Outcome = { file: NamedFile; id: string } & (
  | { kind: 'sent' | 'there-already' }
  | { kind: 'failed'; message: string; hint: string | undefined }
);

interface UploadEvents {
  onBytes(count: number): void;
  onFile(outcome: Outcome): void;
  /** Only when results are awaited. */
  onResult(result: StoredResult): void;
  /** An attempt failed and the picture is still being worked on; only when results are awaited. */
  onSetback(result: StoredResult): void;
}

interface UploadRun {
  target: Target;
  sender: Sender;
  files: readonly NamedFile[];
  concurrency: number;
  /** Larger files are not sent. */
  maxBytes: number;
  /** Also waits for the results of all pictures that are there. */
  awaitResults: boolean;
}

/** Sends all files, several at a time; one that fails does not stop the others. Rejects when interrupted. */
export async function runUpload(run: UploadRun, events: UploadEvents): Promise<void> {
  const { target, sender, files, concurrency } = run;
  const follower = run.awaitResults
    ? new ResultFollower(target.results, { onEnd: events.onResult, onSetback: events.onSetback })
    : undefined;
  try {
    await inParallel(files, concurrency, sender.signal, async (file) => {
      const outcome = await sendOne(run, file, events);
      events.onFile(outcome);
      if (follower && outcome.kind !== 'failed') {
        const { ref } = await sender.buckets.stat({ bucket: sender.bucket, name: file.name });
        await follower.add({ id: outcome.id, generation: ref.generation });
      }
    });
    await follower?.allEnded(sender.signal);
  } finally {
    follower?.close();
  }
}

async function sendOne(
  { sender, maxBytes }: UploadRun,
  file: NamedFile,
  events: UploadEvents,
): Promise<Outcome> {
  const id = resultId({ bucket: sender.bucket, name: file.name });
  const refusal = refusalOf(file, maxBytes);
  if (refusal) return { file, id, kind: 'failed', ...explain(refusal) };
  let counted = 0;
  const onProgress = (bytes: number) => {
    events.onBytes(bytes - counted);
    counted = bytes;
  };
  try {
    const kind = await sendFile(sender, file, onProgress);
    if (kind === 'sent') onProgress(file.bytes);
    return { file, id, kind };
  } catch (error) {
    sender.signal.throwIfAborted();
    onProgress(0);
    return { file, id, kind: 'failed', ...explain(error) };
  }
}

/** Runs `work` over the items, at most `limit` at a time. */
async function inParallel<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) {
      signal.throwIfAborted();
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
