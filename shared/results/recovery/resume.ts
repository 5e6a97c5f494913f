import { finalizedNotification } from '../../cloud/events/storage-notification.ts';
import type { Message } from '../../cloud/pubsub.ts';
import type { Buckets } from '../../cloud/storage/buckets.ts';
import type { StoredObject } from '../../cloud/storage/object.ts';
import type { ResultDocument, Stage } from '../document.ts';
import type { ReadResult, Recovery } from './recovery.ts';

export interface ResumeDependencies {
  buckets: Pick<Buckets, 'find' | 'delete'>;
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
  const prepared = await preparedPicture(deps, result.document);
  const stage = prepared ? 'analyze' : 'resize';
  if (!(await deps.recovery.handOver(result, stage))) return 'changed';
  await announce(deps, result.document, prepared);
  return stage;
}

/** Like `resume`, for an image that has ended. `anew`: the prepared picture is made again too. */
export async function replay(
  deps: ResumeDependencies,
  result: ReadResult,
  options: { anew: boolean },
): Promise<Resumed> {
  let prepared = await preparedPicture(deps, result.document);
  if (prepared && options.anew) {
    // A picture that is there already is never written again, and brings no new notification.
    await deps.buckets.delete(prepared.ref);
    prepared = undefined;
  }
  const stage = prepared ? 'analyze' : 'resize';
  if (!(await deps.recovery.startOver(result, stage))) return 'changed';
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
