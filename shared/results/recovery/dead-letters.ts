import { InvalidEvent, parseObjectEvent } from '../../cloud/events/object-event.ts';
import type { PubSub, Received } from '../../cloud/pubsub.ts';
import { compareGenerations, objectUrl } from '../../cloud/storage/object.ts';
import { parsePreparedName, resultId } from '../id.ts';
import { isTerminal } from '../statuses.ts';
import type { ReadResult, Recovery } from './recovery.ts';

/** The topics of a pipeline and what reads them. */
export interface Bus {
  pubsub: PubSub;
  topics: { uploads: string; prepared: string };
}

/** Each stage's dead letters wait in a subscription of this name. */
export const deadLettersOf = (topic: string): string => `${topic}-dead-letters`;

/** What may be done with a message that was given up. */
export type Fate =
  /** The image is not answered: delivering the message again may help. */
  | 'replay'
  /** The image has ended since, or a newer version took its place: the message is of no use any more. */
  | 'settled'
  /** No event of ours: delivering it again cannot help. */
  | 'unreadable';

export interface DeadLetter {
  /** The topic that it was delivered from. */
  topic: string;
  subscription: string;
  message: Received;
  /** `gs://bucket/name#generation` of the upload; undefined when the message names no object. */
  object: string | undefined;
  /** Deliveries before it was given up, as Pub/Sub counted them. */
  deliveries: number | undefined;
  /** Of the result that it is about. */
  id: string | undefined;
  /** Who sent the picture; null or undefined when nobody is known to have. */
  uploader: string | null | undefined;
  fate: Fate;
  /** Why, in a sentence. */
  reason: string;
}

const BATCH = 100;
/** As long as looking at a batch may take; they come back automatically afterward. Seconds. */
const KEPT_SECONDS = 120;

/**
 * The dead letters of both stages, in batches. They are held while they are looked at: end each batch with `giveBack`
 * or acknowledge its messages.
 */
export async function* deadLetters(
  { pubsub, topics }: Bus,
  recovery: Recovery,
): AsyncGenerator<DeadLetter[]> {
  for (const topic of [topics.uploads, topics.prepared]) {
    const subscription = deadLettersOf(topic);
    for (;;) {
      const messages = await pubsub.pull(subscription, BATCH);
      if (messages.length === 0) break;
      const ackIds = messages.map(({ ackId }) => ackId);
      await pubsub.keep(subscription, ackIds, KEPT_SECONDS);
      const letters = messages.map(async (message) => ({
        topic,
        subscription,
        message,
        deliveries: Number(message.attributes['CloudPubSubDeadLetterSourceDeliveryCount']) || undefined,
        ...(await judged(message, recovery)),
      }));
      yield await Promise.all(letters).catch(async (error: unknown) => {
        await pubsub.keep(subscription, ackIds, 0);
        throw error;
      });
    }
  }
}

export async function giveBack(pubsub: PubSub, letters: readonly DeadLetter[]): Promise<void> {
  for (const subscription of new Set(letters.map((letter) => letter.subscription))) {
    const ackIds = letters.filter((letter) => letter.subscription === subscription);
    for (let i = 0; i < ackIds.length; i += BATCH)
      await pubsub.keep(
        subscription,
        ackIds.slice(i, i + BATCH).map(({ message }) => message.ackId),
        0,
      );
  }
}

/**
 * Publishes what may help to the topic it came from, and only then takes it out of the dead letters: a crash in between
 * delivers it twice, which does no harm. What is settled is taken out; what is unreadable stays.
 */
export async function settle(
  pubsub: PubSub,
  { fate, topic, subscription, message }: DeadLetter,
): Promise<void> {
  if (fate === 'unreadable') return;
  if (fate === 'replay')
    await pubsub.publish(topic, { data: message.data, attributes: originalAttributes(message) });
  await pubsub.acknowledge(subscription, [message.ackId]);
}

/** The message as it was before it was given up. */
const originalAttributes = ({ attributes }: Received): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !name.startsWith('CloudPubSubDeadLetter')),
  );

async function judged(
  message: Received,
  recovery: Recovery,
): Promise<Pick<DeadLetter, 'object' | 'id' | 'uploader' | 'fate' | 'reason'>> {
  const named = subjectOf(message);
  if ('problem' in named)
    return {
      object: undefined,
      id: undefined,
      uploader: undefined,
      fate: 'unreadable',
      reason: named.problem,
    };
  const result = await recovery.get(named.id);
  const uploader = result?.document.source.uploader ?? named.uploader;
  const object =
    result && result.document.source.generation === named.generation
      ? objectUrl(result.document.source)
      : named.object;
  const isThere = named.isDeletion && (await recovery.head(named.id)) !== undefined;
  const fate = fateOf(result, named.generation, named.isDeletion, isThere);
  return { object, id: named.id, uploader, ...fate };
}

interface Subject {
  id: string;
  generation: string;
  object: string;
  uploader: string | undefined;
  isDeletion: boolean;
}

function subjectOf({ data, attributes }: Received): Subject | { problem: string } {
  try {
    const event = parseObjectEvent({}, { message: { data: data.toString('base64'), attributes } });
    const prepared = parsePreparedName(event.ref.name);
    return {
      id: prepared?.id ?? resultId(event.ref),
      generation: prepared?.generation ?? event.ref.generation,
      object: objectUrl(event.ref),
      uploader: event.metadata['uploader'],
      isDeletion: event.kind === 'deleted',
    };
  } catch (error) {
    if (error instanceof InvalidEvent) return { problem: `No event of a bucket: ${error.message}.` };
    throw error;
  }
}

function fateOf(
  result: ReadResult | undefined,
  generation: string,
  isDeletion: boolean,
  isThere: boolean,
): Pick<DeadLetter, 'fate' | 'reason'> {
  if (isDeletion)
    return isThere
      ? { fate: 'replay', reason: 'The upload was deleted, but not what was made from it.' }
      : { fate: 'settled', reason: 'What was made from the deleted upload is gone.' };
  if (!result) return { fate: 'replay', reason: 'It never came so far that a result was begun.' };
  const { status, source, failure, lastFailure, parked, claim } = result.document;
  if (compareGenerations(source.generation, generation) > 0)
    return { fate: 'settled', reason: 'A newer version of the object took its place.' };
  if (isTerminal(status))
    return { fate: 'settled', reason: `It ended since: ${status}${failure ? ` (${failure.code})` : ''}.` };
  if (parked) return { fate: 'settled', reason: `It is parked: ${parked.reason}` };
  const why = lastFailure
    ? `${lastFailure.code}: ${lastFailure.message}`
    : 'Its executions ended without a word.';
  return { fate: 'replay', reason: `${why} (${status}, ${claim.count} executions)` };
}
