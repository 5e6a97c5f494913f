import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { finalizedNotification } from '../../shared/cloud/events/storage-notification.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { compareGenerations, type StoredObject } from '../../shared/cloud/storage/object.ts';
import type { Lane } from '../../shared/prices/lanes.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { chooseProfile } from '../../shared/profiles/index.ts';
import { resultId } from '../../shared/results/id.ts';
import type { Bus } from '../../shared/results/recovery/dead-letters.ts';
import type { Recovery } from '../../shared/results/recovery/recovery.ts';

export interface Backfill {
  buckets: Pick<Buckets, 'list'>;
  recovery: Pick<Recovery, 'get'>;
  bus: Bus;
  /** The lane that they go by, whatever they were uploaded with; undefined leaves that as it is. */
  lane: Lane | undefined;
  /** Expected cost of a picture, in US dollars. */
  priceOf: (profile: Profile) => number;
  bucket: string;
  prefix: string;
  /** Only names after this one. */
  after: string | undefined;
  isDryRun: boolean;
  maxImages: number;
  maxUsd: number;
  signal: AbortSignal;
  onProgress: (counts: Readonly<Counts>) => void;
  /** Everything up to this name is done. */
  onPage: (after: string, counts: Readonly<Counts>) => Promise<void>;
}

export interface Counts {
  /** Objects looked at. */
  checked: number;
  /** Without a result of their version: sent, or to be sent. */
  sent: number;
  /** Expected cost of these. */
  usd: number;
  bytes: number;
}

export type Ending = 'all' | 'max-images' | 'max-usd' | 'interrupted';

const PAGE = 200;
const LANES = 32;

/**
 * Finds the objects that have no result of their newest version and announces them to the pipeline as if they had just
 * been uploaded. Announcing one twice does no harm, so it can be stopped at any time and begun again.
 */
export async function runBackfill(backfill: Backfill): Promise<Counts & { ending: Ending }> {
  const counts: Counts = { checked: 0, sent: 0, usd: 0, bytes: 0 };
  const { buckets, bucket, prefix, after, signal } = backfill;
  let pageToken: string | undefined;
  do {
    const page = await buckets.list(bucket, {
      prefix,
      limit: PAGE,
      ...(after === undefined ? {} : { startOffset: after }),
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    const objects = page.objects.filter(({ ref }) => ref.name !== after && !ref.name.endsWith('/'));
    const missing = await withoutResult(backfill, objects);
    counts.checked += objects.length - missing.length;
    for (const object of missing) {
      const usd = expectedUsd(backfill, object);
      const ending = limitReached(backfill, counts, usd);
      if (ending) return { ...counts, ending };
      if (!backfill.isDryRun) await announce(backfill, object);
      counts.checked += 1;
      counts.sent += 1;
      counts.usd += usd;
      counts.bytes += object.bytes;
      backfill.onProgress(counts);
    }
    backfill.onProgress(counts);
    const last = page.objects.at(-1)?.ref.name;
    if (last !== undefined) await backfill.onPage(last, counts);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && !signal.aborted);
  return { ...counts, ending: pageToken !== undefined && signal.aborted ? 'interrupted' : 'all' };
}

function limitReached(backfill: Backfill, { sent, usd }: Counts, next: number): Ending | undefined {
  if (backfill.signal.aborted) return 'interrupted';
  if (sent >= backfill.maxImages) return 'max-images';
  return usd + next > backfill.maxUsd ? 'max-usd' : undefined;
}

/** In the order of their names. */
async function withoutResult(
  { recovery }: Backfill,
  objects: readonly StoredObject[],
): Promise<StoredObject[]> {
  const isMissing = new Array<boolean>(objects.length).fill(false);
  const waiting = objects.entries();
  const lane = async () => {
    for (const [index, { ref }] of waiting) {
      const result = await recovery.get(resultId(ref));
      isMissing[index] = !result || compareGenerations(result.document.source.generation, ref.generation) < 0;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return objects.filter((_, index) => isMissing[index]);
}

/** A picture of an unknown profile is refused and costs nothing. */
function expectedUsd({ priceOf }: Backfill, { ref, metadata }: StoredObject): number {
  try {
    return priceOf(chooseProfile(ref.name, metadata));
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'UNKNOWN_PROFILE') return 0;
    throw error;
  }
}

/**
 * The lane stands in the announcement alone: the object keeps what it was uploaded with. The patience of its upload goes
 * with the lane of that: seconds would lead out of a batch at once.
 */
function announce({ bus, lane }: Backfill, object: StoredObject): Promise<void> {
  const { patience: _, ...metadata } = object.metadata;
  const changed = lane === undefined ? object : { ...object, metadata: { ...metadata, lane } };
  return bus.pubsub.publish(bus.topics.uploads, finalizedNotification(object.ref, changed));
}
