import { createHash } from 'node:crypto';
import { z } from 'zod';
import { PipelineError } from '../base/errors/pipeline-error.ts';
import { delay } from '../base/resilience/delay.ts';
import type { Documents, Stored } from '../cloud/firestore/documents.ts';
import { isSlower } from '../prices/lanes.ts';
import type { Profile } from '../profiles/define.ts';
import type { ReferencePicture, ReferencesOf } from '../profiles/references.ts';
import { type Claim, isExpired } from './claim.ts';
import type { Prepared, ResultDocument } from './document.ts';
import type { KnownAnswer } from './known-answer.ts';
import type { findLookAlike } from './look-alikes.ts';
import type { Results } from './results.ts';

/** First look while another image asks the same; each further one waits twice as long. Milliseconds. */
const FIRST_LOOK_MS = 150;

/**
 * Finds the answer that the same picture, prepared the same and asked the same, already has. While it is being asked
 * for under another name this waits, at most `waitMs`, and then throws CLAIM_BUSY: delivered again, it finds the answer.
 * `forBatch`: this picture may wait for hours, so one that waits for a batch counts as being asked; it is not waited for here.
 */
export const createRecall =
  (answers: Answers, options: { waitMs: number; referencesOf: ReferencesOf; documents: Documents }) =>
  async (
    claim: Claim,
    profile: Profile,
    signal: AbortSignal,
    forBatch = false,
  ): Promise<KnownAnswer | undefined> => {
    const waitMs = forBatch ? 0 : options.waitMs;
    const { prepared, source } = claim.document;
    if (!prepared || profile.cacheTtlHours === 0) return undefined;
    // Before the place of the same picture is taken: who waits for a look-alike holds nothing that others wait for.
    const alike =
      profile.similar === undefined
        ? undefined
        : await lookedFor(options.documents, claim, profile, {
            ...{ firstLookMs: FIRST_LOOK_MS, waitMs, forBatch, signal },
          });
    if (alike) return alike;
    const key = answerKey(prepared, profile, profile.references && options.referencesOf(profile));
    if (source.refresh) {
      await answers.replace(key, claim, profile.cacheTtlHours);
      return undefined;
    }
    const patience = Date.now() + waitMs;
    for (let pause = FIRST_LOOK_MS; ; pause *= 2) {
      const found = await answers.lookup(key, claim, profile.cacheTtlHours, forBatch);
      if (found.kind === 'ask') return undefined;
      if (found.kind === 'hit') {
        const { answer, model, cost } = found.document;
        return answer && model ? { answer, model, savedUsd: cost?.usd ?? 0 } : undefined;
      }
      if (Date.now() + pause > patience) {
        throw new PipelineError(
          'CLAIM_BUSY',
          `The same picture is being analyzed under another name until ${found.until.toISOString()}.`,
        );
      }
      await delay(pause, signal);
    }
  };

/** Loaded for the profiles that ask for it. */
const lookedFor = async (...args: Parameters<typeof findLookAlike>): Promise<KnownAnswer | undefined> =>
  (await import('./look-alikes.ts')).findLookAlike(...args);

/** Which pictures get the same answer: the same bytes, prepared and asked in the same way. */
export function answerKey(
  { sha256, preparation, quality }: Pick<Prepared, 'sha256' | 'preparation' | 'quality'>,
  profile: Profile,
  references: readonly Pick<ReferencePicture, 'sha256' | 'caption'>[] = [],
): string {
  const { name, version, digest, prompt, guide = '', evidence, ladder, minConfidence, checks = [] } = profile;
  const asked = JSON.stringify([
    name,
    // The digest says more: a version that differs in its lane only is answered by what there is.
    digest === undefined ? version : 1,
    prompt,
    guide,
    ladder,
    minConfidence,
    checks.map((check) => check.name),
    ...(digest === undefined ? [] : [digest]),
    ...(evidence === undefined ? [] : [evidence]),
    ...references.map(({ sha256: ofReference, caption }) => [ofReference, caption]),
  ]);
  const picture = [sha256, preparation, quality].filter((part) => part !== undefined).join(' ');
  return createHash('sha256').update(`${picture}\n${asked}`).digest('hex').slice(0, 40);
}

/** `answers/{key}`: whose result holds the answer, or is about to; the answer itself is not copied. */
const pointer = z.object({
  resultId: z.string(),
  generation: z.string(),
  expireAt: z.date(),
});

type Lookup =
  /** Nobody has asked: this image does, and others wait for it. */
  | { kind: 'ask' }
  | { kind: 'hit'; document: ResultDocument }
  /** The same picture is being asked about under another name. */
  | { kind: 'busy'; until: Date };

const HOUR_MS = 3_600_000;

/**
 * Answers by picture. A lookup is also the claim: create-if-absent, then compare-and-set, so of any number of equal
 * pictures at once one is paid for. The claim's lease is that of the result it points to, so a dead owner blocks nobody.
 */
export class Answers {
  readonly #documents: Documents;
  readonly #results: Pick<Results, 'get'>;

  constructor(documents: Documents, results: Pick<Results, 'get'>) {
    this.#documents = documents;
    this.#results = results;
  }

  async lookup(key: string, claim: Claim, ttlHours: number, forBatch: boolean): Promise<Lookup> {
    const mine = pointerTo(claim, ttlHours);
    for (;;) {
      if ((await this.#documents.create(pathOf(key), mine)) !== 'exists') return { kind: 'ask' };
      const stored = await this.#documents.get(pathOf(key));
      if (!stored) continue;
      const found = await this.#read(stored, claim, forBatch);
      if (found) return found;
      if ((await this.#documents.compareAndSet(pathOf(key), mine, stored.version)) !== 'stale')
        return { kind: 'ask' };
    }
  }

  /** Takes the place of whatever answer is there: for uploads that ask for a new answer. */
  async replace(key: string, claim: Claim, ttlHours: number): Promise<void> {
    await this.#documents.merge(pathOf(key), pointerTo(claim, ttlHours));
  }

  /** What the pointer is good for; undefined when it is to be taken over. */
  async #read({ data }: Stored, claim: Claim, forBatch: boolean): Promise<Lookup | undefined> {
    const parsed = pointer.safeParse(data);
    if (!parsed.success || isExpired(parsed.data.expireAt, Date.now())) return undefined;
    const { resultId, generation } = parsed.data;
    if (resultId === claim.id) return undefined;
    const document = await this.#results.get(resultId);
    if (document?.source.generation !== generation) return undefined;
    // Hours, which a picture has that may wait for a batch itself, and no other.
    if (document.batch && document.status === 'parked' && forBatch)
      return { kind: 'busy', until: document.dueAt ?? parsed.data.expireAt };
    if (document.status === 'completed')
      return isReusable(document, claim.document) ? { kind: 'hit', document } : undefined;
    // Minutes, which one that pays for seconds does not wait.
    if (isSlower(document.lane?.asked, claim.document.lane?.asked)) return undefined;
    const { expiresAt } = document.claim;
    return document.status === 'analyzing' && !isExpired(expiresAt, Date.now())
      ? { kind: 'busy', until: expiresAt }
      : undefined;
  }
}

/** A cut-off answer is not worth repeating, and a result that was taken over by another picture is not this one's. */
const isReusable = (found: ResultDocument, wanted: ResultDocument): boolean =>
  found.answer !== undefined &&
  found.partial !== true &&
  // It was given to one uploader only.
  found.takenOver === undefined &&
  found.prepared?.sha256 === wanted.prepared?.sha256;

const pathOf = (key: string): string => `answers/${key}`;

const pointerTo = (claim: Claim, ttlHours: number): z.infer<typeof pointer> => ({
  resultId: claim.id,
  generation: claim.document.source.generation,
  expireAt: new Date(Date.now() + ttlHours * HOUR_MS),
});
