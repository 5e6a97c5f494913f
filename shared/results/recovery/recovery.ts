import { randomUUID } from 'node:crypto';
import type { FailureCode } from '../../base/errors/codes.ts';
import type { Documents, Patch, Stored, Version } from '../../cloud/firestore/documents.ts';
import { type PreviousAnswer, type ResultDocument, resultDocument, type Stage } from '../document.ts';
import { type Head, headOf } from '../head.ts';
import { RESULT_QUERIES } from '../queries.ts';
import { isTerminal, type Status } from '../statuses.ts';

/** A result at the moment it was read; changing it succeeds only if nobody else has. */
export interface ReadResult {
  id: string;
  document: ResultDocument;
  version: Version;
}

export interface Page {
  results: ReadResult[];
  /** Documents of a shape that this version does not know. */
  unreadable: string[];
  /** Where the next page begins; undefined at the end. */
  next: readonly unknown[] | undefined;
}

/** The longest pause between two attempts of the sweep at one image. */
const MAX_PAUSE_MS = 6 * 3_600_000;

const { collection } = RESULT_QUERIES.due;

/** Finds images that need a push and sends them on their way again, by compare-and-set: two at once do it once. */
export class Recovery {
  readonly #documents: Documents;
  readonly #staleMs: number;

  constructor(documents: Documents, options: { staleMs: number }) {
    this.#documents = documents;
    this.#staleMs = options.staleMs;
  }

  /** One page of the images whose time has come, the longest overdue first. */
  due(nowMs: number, limit: number, after?: readonly unknown[]): Promise<Page> {
    return this.#page(RESULT_QUERIES.due, new Date(nowMs), limit, after);
  }

  /** The images that changed last, the newest first; at most `limit`. */
  async changedSince(sinceMs: number, limit: number): Promise<ReadResult[]> {
    return (await this.#page(RESULT_QUERIES.changedSince, new Date(sinceMs), limit)).results;
  }

  /** One page of the images that failed, were refused or are parked for this reason. */
  ofFailure(code: FailureCode, limit: number, after?: readonly unknown[]): Promise<Page> {
    return this.#page(RESULT_QUERIES.ofFailure, code, limit, after);
  }

  /** Undefined also for a document of a shape that this version does not know. */
  async get(id: string): Promise<ReadResult | undefined> {
    const stored = await this.#documents.get(`${collection}/${id}`);
    const document = stored && resultDocument.safeParse(stored.data).data;
    return stored && document && { id, document, version: stored.version };
  }

  /** What can be read of a result of any shape, to remove it. */
  async head(id: string): Promise<(Head & Pick<ReadResult, 'id' | 'version'>) | undefined> {
    const stored = await this.#documents.get(`${collection}/${id}`);
    return stored && { ...headOf(stored.data), id, version: stored.version };
  }

  /**
   * Makes the image ready to be claimed for `stage`, to be called before the event is sent; false when somebody else
   * changed it meanwhile. The claim's owner stays: should it come to an end after all, nothing is done twice.
   */
  handOver(
    { id, document, version }: ReadResult,
    stage: Stage,
    nowMs = Date.now(),
    more: Patch = {},
  ): Promise<boolean> {
    const stoodMs = nowMs - document.updatedAt.getTime();
    const wasParked = document.status === 'parked';
    return this.#set(id, version, {
      status: statusBefore(stage),
      'claim.stage': stage,
      'claim.expiresAt': new Date(nowMs),
      // Twice as long with each attempt: a long queue must not be republished every few minutes.
      dueAt: new Date(nowMs + Math.min(MAX_PAUSE_MS, Math.max(this.#staleMs, wasParked ? 0 : stoodMs))),
      ...(wasParked ? { ...ofParking(), updatedAt: new Date(nowMs) } : {}),
      ...(document.batch ? LEAVING_BATCH : {}),
      ...more,
    });
  }

  /** Looks at the image again at that time, epoch milliseconds; a later change sets another. */
  postpone({ id, version }: ReadResult, untilMs: number): Promise<boolean> {
    return this.#set(id, version, { dueAt: new Date(untilMs) });
  }

  /** Ends the wait for an image that has ended. */
  forget({ id, version }: ReadResult): Promise<boolean> {
    return this.#set(id, version, { dueAt: undefined });
  }

  /**
   * Like `handOver`, for an image that has ended: its executions are counted from zero, a late owner is shut out, and its
   * answer stays as the previous one. `there`: generation of the prepared picture; beginning at the resize replaces it.
   */
  startOver(
    { id, document, version }: ReadResult,
    stage: Stage,
    there: string | undefined,
    nowMs = Date.now(),
  ): Promise<boolean> {
    const replaces = stage === 'resize' ? there : undefined;
    return this.#set(id, version, {
      status: statusBefore(stage),
      claim: {
        owner: `replay-${randomUUID()}`,
        stage,
        expiresAt: new Date(nowMs),
        count: 0,
        asksAnew: true,
        ...(replaces === undefined ? {} : { replaces }),
      },
      dueAt: new Date(nowMs + this.#staleMs),
      updatedAt: new Date(nowMs),
      replayedAt: new Date(nowMs),
      timings: {},
      ...Object.fromEntries(
        [
          'answer',
          'answerText',
          'partial',
          'degraded',
          'model',
          'takenOver',
          'failure',
          'lastFailure',
          'parked',
        ].map((field) => [field, undefined]),
      ),
      ...previousOf(document),
      // A receiver that was not notified of this end is notified of the next.
      ...(document.webhook ? { webhook: { url: document.webhook.url } } : {}),
      batch: undefined,
      // Its patience begins again.
      ...(document.lane ? { lane: { ...document.lane, since: new Date(nowMs), served: undefined } } : {}),
      ...(there === undefined ? { prepared: undefined } : {}),
    });
  }

  /** Removes the result; false when somebody changed it meanwhile. */
  async remove({ id, version }: Pick<ReadResult, 'id' | 'version'>): Promise<boolean> {
    return (await this.#documents.deleteAt(`${collection}/${id}`, version)) === 'deleted';
  }

  async #set(id: string, version: Version, patch: Patch): Promise<boolean> {
    return (await this.#documents.compareAndSet(`${collection}/${id}`, patch, version)) !== 'stale';
  }

  async #page(
    { where: [filter], orderBy }: (typeof RESULT_QUERIES)['due' | 'changedSince' | 'ofFailure'],
    value: unknown,
    limit: number,
    after?: readonly unknown[],
  ): Promise<Page> {
    const stored = await this.#documents.query(collection, {
      where: [{ ...filter, value }],
      orderBy,
      limit,
      ...(after ? { startAfter: after } : {}),
    });
    const last = stored.at(-1);
    const read = stored.map(readResult);
    return {
      results: read.filter((one) => typeof one !== 'string'),
      unreadable: read.filter((one) => typeof one === 'string'),
      next:
        last && stored.length === limit
          ? orderBy.map(({ field }) =>
              field === '__name__' ? last.id : (last.exactly(field) ?? last.data[field]),
            )
          : undefined,
    };
  }
}

/** Out of its group or job: other lanes answer it, with what the batches have answered of it. */
const LEAVING_BATCH: Patch = {
  'batch.group': undefined,
  'batch.waitingSince': undefined,
  'batch.job': undefined,
};

/** Who was set aside starts over: what was counted before says nothing about now. */
const ofParking = (): Patch => ({
  parked: undefined,
  failure: undefined,
  'claim.count': 0,
  'claim.excused': undefined,
  'claim.asksAnew': true,
});

/** What a fallback found is no answer to go back to. */
function previousOf({
  answer,
  partial,
  degraded,
  model,
  profileVersion,
  attempts,
  updatedAt,
}: ResultDocument): Patch {
  if (!answer || degraded) return {};
  const previous: PreviousAnswer = {
    answer,
    profileVersion,
    at: attempts.at(-1)?.at ?? updatedAt,
    ...(partial === undefined ? {} : { partial }),
    ...(model === undefined ? {} : { model }),
  };
  return { previous };
}

const statusBefore = (stage: Stage): Status => (stage === 'resize' ? 'received' : 'prepared');

/** Whether the image waits for something that may never come. */
export const isUnderWay = ({ status }: ResultDocument): boolean => !isTerminal(status);

function readResult({ id, data, version }: Stored): ReadResult | string {
  const parsed = resultDocument.safeParse(data);
  return parsed.success ? { id, document: parsed.data, version } : id;
}
