import { z } from 'zod';
import { integer } from '../../shared/base/config.ts';
import type { Log } from '../../shared/base/log.ts';
import type { Patch } from '../../shared/cloud/firestore/documents.ts';
import { createBell } from '../../shared/cloud/pubsub.ts';
import { decidesFirst, firstWritten } from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import type { ReferencesOf } from '../../shared/profiles/references.ts';
import { REPEATS } from '../../shared/results/batches/same-bytes.ts';
import {
  batchEndsAt,
  batchTimes,
  groupOf,
  isForBatch,
  joining,
  questionOf,
} from '../../shared/results/batches/waiting.ts';
import type { ResultDocument } from '../../shared/results/document.ts';

/** Variables of pictures that wait for a batch. */
export const toBatchVariables = {
  ...batchTimes,
  /** Topic that the function batch listens to; without it batches are begun by the schedule alone. */
  BATCHES_TOPIC: z.string().optional(),
  /** After this many pictures, or prepared bytes, this instance wakes the function batch. */
  BATCH_RING_PICTURES: integer('pictures', { min: 1, max: 200_000, default: 500 }),
  BATCH_RING_BYTES: integer('bytes', { min: 1, max: 2_000_000_000, default: 200_000_000 }),
};

type Config = z.infer<z.ZodObject<typeof toBatchVariables>> & {
  GOOGLE_CLOUD_PROJECT?: string | undefined;
  PUBSUB_EMULATOR_HOST?: string | undefined;
};

interface ToBatchDependencies {
  profileAsked: (name: string, version: number, isAskedAnew: boolean) => Promise<Profile | undefined>;
  referencesOf: ReferencesOf;
  log: Log;
}

export interface ToBatch {
  /** What sets the picture aside for a batch; undefined when it goes by another lane. */
  instead: (document: ResultDocument) => Promise<Patch | undefined>;
  /** The same for a picture of a profile that asks gemini-decision-1 before; it takes what that has answered. */
  afterGate: (document: ResultDocument) => Promise<SetAside | undefined>;
  /** The same for one that takes the answer of another picture, which waits as well. */
  asRepeat: (document: ResultDocument) => Promise<Patch | undefined>;
  /** Counts a picture that was set aside, and wakes the function batch when enough are. Never throws. */
  joined: (document: ResultDocument) => Promise<void>;
}

/** What sets a picture aside, with the calls that were made before, as `writeRecorded` writes them. */
type SetAside = (replies?: string) => Patch;

/** Gives pictures of the lane batch to the function of that name: they wait in their own documents. */
export function createToBatch(
  config: Config,
  { profileAsked, referencesOf, log }: ToBatchDependencies,
): ToBatch {
  const ring = bell(config, log);
  const asideOf = async (
    document: ResultDocument,
    isNow: (profile: Profile) => boolean,
    isRepeat = false,
  ): Promise<SetAside | undefined> => {
    const now = Date.now();
    if (!isForBatch(document, config, now) || !document.lane) return undefined;
    const { profile: name, profileVersion, claim } = document;
    const profile = await profileAsked(name, profileVersion, claim.asksAnew ?? false);
    if (!profile || !isNow(profile)) return undefined;
    const endsAt = batchEndsAt(document.lane, config);
    const model = firstWritten(profile)?.models[0];
    // Decisions have no lane batch.
    if (model === undefined) return undefined;
    const question = questionOf(profile, referencesOf(profile));
    const group = isRepeat ? REPEATS : groupOf({ model, profile, question }, endsAt - now);
    return (replies) =>
      joining({ group, question, ...(replies === undefined ? {} : { replies }) }, endsAt, now, config);
  };
  let pictures = 0;
  let bytes = 0;
  return {
    instead: async (document) =>
      (await asideOf(document, (profile) => profile.gate === undefined && !decidesFirst(profile)))?.(),
    afterGate: (document) => asideOf(document, () => true),
    asRepeat: async (document) => (await asideOf(document, () => true, true))?.(),
    joined: async ({ prepared }) => {
      pictures += 1;
      bytes += prepared?.bytes ?? 0;
      if (pictures < config.BATCH_RING_PICTURES && bytes < config.BATCH_RING_BYTES) return;
      pictures = 0;
      bytes = 0;
      await ring();
    },
  };
}

function bell(config: Config, log: Log): () => Promise<void> {
  const {
    BATCHES_TOPIC: topic,
    GOOGLE_CLOUD_PROJECT: projectId,
    PUBSUB_EMULATOR_HOST: emulatorHost,
  } = config;
  const ring = createBell({ topic, projectId, emulatorHost }, (error) =>
    log.warn('batch.not-rung', { error: String(error) }),
  );
  return () => ring({ enough: true });
}
