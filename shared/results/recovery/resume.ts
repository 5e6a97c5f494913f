import { finalizedNotification } from '../../cloud/events/storage-notification.ts';
import type { Message } from '../../cloud/pubsub.ts';
import type { Buckets } from '../../cloud/storage/buckets.ts';
import type { StoredObject } from '../../cloud/storage/object.ts';
import type { ResultDocument, Stage } from '../document.ts';
import type { ReadResult, Recovery } from './recovery.ts';

export interface ResumeDependencies {
  buckets: Pick<Buckets, 'find'>;
  recovery: Recovery;
  publish: (topic: string, message: Message) => Promise<void>;
  topics: { uploads: string; prepared: string };
}

/** Where the image was sent, or that somebody else changed it meanwhile. */
export type Resumed = Stage | 'changed';

/**
 * Sends an image that stands still on its way again: to the analysis when its prepared picture is there (its
 * notification was lost, or its owner died), else to the resize. The document changes first, so that of two callers
 * one publishes; should that one die before it has, the image falls due again.
 */
export async function resume(deps: ResumeDependencies, result: ReadResult): Promise<Resumed> {
  const { document } = result;
  const found = await preparedPicture(deps, document);
  // The picture that is to be recreated is still the old one.
  const prepared = found?.ref.generation === document.claim.replaces ? undefined : found;
  const stage = prepared ? 'analyze' : 'resize';
  if (!(await deps.recovery.handOver(result, stage))) return 'changed';
  await announce(deps, document, prepared);
  return stage;
}

/**
 * Like `resume`, for an image that has ended. `anew`: the prepared picture is made again too, in place of the one that
 * is there until then. Nothing is deleted, and what the answer needs is looked for first: `gone` changes nothing. The
 * last good answer stays in the document until another one replaces it.
 */
export async function replay(
  deps: ResumeDependencies,
  result: ReadResult,
  { anew }: { anew: boolean },
): Promise<Resumed | 'gone'> {
  const { source } = result.document;
  const found = await preparedPicture(deps, result.document);
  const prepared = anew ? undefined : found;
  if (!prepared) {
    const upload = await deps.buckets.find(source);
    if (!upload) return 'gone';
    // The event of the newer version starts the image over.
    if (upload.ref.generation !== source.generation) return 'changed';
  }
  const stage = prepared ? 'analyze' : 'resize';
  if (!(await deps.recovery.startOver(result, stage, found?.ref.generation))) return 'changed';
  await announce(deps, result.document, prepared);
  return stage;
}

/** The prepared picture as it is stored; undefined when there is none (any more). */
async function preparedPicture(
  { buckets }: ResumeDependencies,
  { prepared }: ResultDocument,
): Promise<StoredObject | undefined> {
  return prepared && buckets.find(prepared);
}

async function announce(
  { buckets, publish, topics }: ResumeDependencies,
  { source }: ResultDocument,
  prepared: StoredObject | undefined,
): Promise<void> {
  if (prepared) return publish(topics.prepared, finalizedNotification(prepared.ref, prepared));
  // Its metadata may name the profile. What is gone is announced all the same: the resize ends it.
  const upload = await buckets.find(source);
  await publish(
    topics.uploads,
    finalizedNotification(source, upload?.ref.generation === source.generation ? upload : {}),
  );
}
