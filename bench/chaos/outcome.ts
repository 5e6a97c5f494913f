import type { LocalCloud } from '../../local/cloud.ts';
import { PREPARED_BUCKET, UPLOADS_BUCKET } from '../../local/topology.ts';
import type { Documents, Stored } from '../../shared/cloud/firestore/documents.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { type ResultDocument, resultDocument } from '../../shared/results/document.ts';
import { preparedName, resultId } from '../../shared/results/id.ts';
import { FUNCTIONS } from './environment.ts';
import type { Uploaded } from './uploading.ts';

/** A result that comes within this time of its upload came within the deadline. Milliseconds. */
const DEADLINE_MS = 60_000;

export interface Outcome {
  /** Uploads in all, and by what became of them. */
  images: number;
  good: number;
  broken: number;
  deleted: number;
  completed: number;
  /** How those that did not complete ended, by code. */
  failed: Record<string, number>;
  /** Good ones that failed, with what became of them: must be empty. */
  wronglyFailed: string[];
  /** Good ones whose answers Firestore refused for good; each ended with its answer as text. */
  refusedByStore: number;
  /** Neither answered nor ended: must be 0. */
  lost: number;
  lostNames: string[];
  /** Results of an older version than the last one uploaded. */
  olderGeneration: number;
  /** Things left of deleted uploads. */
  leftOfDeleted: number;
  /** Seconds. */
  longestSeconds: number;
  medianSeconds: number;
  /** Shares of the good ones, without those that Firestore refused. */
  withinDeadline: number;
  eventually: number;
}

const COLLECTION = 'results';
const PAGE = 300;

export async function readAll(documents: Documents): Promise<Map<string, ResultDocument>> {
  const all = new Map<string, ResultDocument>();
  let page: Stored[] = [];
  do {
    const last = page.at(-1)?.id;
    page = await documents.query(COLLECTION, {
      orderBy: [{ field: '__name__', direction: 'asc' }],
      limit: PAGE,
      ...(last === undefined ? {} : { startAfter: [last] }),
    });
    for (const { id, data } of page) all.set(id, resultDocument.parse(data));
  } while (page.length === PAGE);
  return all;
}

export const resultIdOf = ({ member }: Uploaded): string =>
  resultId({ bucket: UPLOADS_BUCKET, name: member.name });

export const hasEnded = ({ status }: ResultDocument): boolean =>
  status === 'completed' || status === 'failed' || status === 'refused';

/** The uploads that have not come to the end that can be hoped for. */
export const openOnes = (
  uploads: readonly Uploaded[],
  documents: ReadonlyMap<string, ResultDocument>,
): Uploaded[] =>
  uploads.filter((upload) => {
    const document = documents.get(resultIdOf(upload));
    if (upload.member.fate.kind === 'deleted') return document !== undefined;
    return document?.source.generation !== upload.generation || !hasEnded(document);
  });

export async function judge(
  uploads: readonly Uploaded[],
  documents: ReadonlyMap<string, ResultDocument>,
  buckets: Buckets,
  refused: ReadonlySet<string>,
): Promise<Outcome> {
  const of = (kind: string) => uploads.filter(({ member }) => member.fate.kind === kind);
  const deleted = of('deleted');
  const broken = of('broken');
  const good = uploads.filter(({ member: { fate } }) => fate.kind === 'kept' || fate.kind === 'overwritten');
  const ended = [...good, ...broken].flatMap((upload) => {
    const document = documents.get(resultIdOf(upload));
    return document && hasEnded(document) ? [{ upload, document }] : [];
  });
  const completed = ended.filter(({ document }) => document.status === 'completed');
  const failures = ended.filter(({ document }) => document.status !== 'completed');
  const isRefused = ({ upload, document }: (typeof failures)[number]) =>
    document.failure?.code === 'STORE_REFUSED' &&
    document.answerText !== undefined &&
    refused.has(resultIdOf(upload));
  const refusedByStore = failures.filter(isRefused).length;
  const isBroken = ({ upload }: { upload: Uploaded }) => upload.member.fate.kind === 'broken';
  const times = completed
    .filter((one) => !isBroken(one))
    .map(({ upload, document }) => document.updatedAt.getTime() - upload.at)
    .sort((a, b) => a - b);
  const lost = [...good, ...broken].filter((upload) => !ended.some((one) => one.upload === upload));
  return {
    images: uploads.length,
    good: good.length,
    broken: broken.length,
    deleted: deleted.length,
    completed: completed.length,
    failed: countBy(failures.map(({ document }) => document.failure?.code ?? 'none')),
    wronglyFailed: failures
      .filter((one) => !isBroken(one) && !isRefused(one))
      .map(
        ({ upload, document }) =>
          `${upload.member.name}: ${document.failure?.code}: ${document.failure?.message}`,
      ),
    refusedByStore,
    lost: lost.length,
    lostNames: lost.map(
      (upload) => `${upload.member.name}: ${documents.get(resultIdOf(upload))?.status ?? 'no result'}`,
    ),
    olderGeneration: ended.filter(({ upload, document }) => document.source.generation !== upload.generation)
      .length,
    leftOfDeleted: await leftovers(deleted, documents, buckets),
    longestSeconds: seconds(times.at(-1) ?? 0),
    medianSeconds: seconds(times[Math.floor(times.length / 2)] ?? 0),
    withinDeadline: share(times.filter((ms) => ms <= DEADLINE_MS).length, good.length - refusedByStore),
    eventually: share(times.length, good.length - refusedByStore),
  };
}

async function leftovers(
  deleted: readonly Uploaded[],
  documents: ReadonlyMap<string, ResultDocument>,
  buckets: Buckets,
): Promise<number> {
  let left = 0;
  for (const upload of deleted) {
    const id = resultIdOf(upload);
    const picture = { bucket: PREPARED_BUCKET, name: preparedName(id, upload.generation) };
    if (documents.has(id) || (await buckets.find(picture))) left += 1;
  }
  return left;
}

export function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
export const share = (part: number, of: number): number =>
  of === 0 ? 1 : Math.round((part / of) * 10_000) / 10_000;

/** The most memory that each process had, in MiB. */
export class MemoryWatch {
  readonly peak: Record<string, number> = {};
  readonly #timer: NodeJS.Timeout;

  constructor(cloud: LocalCloud) {
    this.#timer = setInterval(() => {
      for (const name of FUNCTIONS) this.#note(name, cloud.supervisor.memory(name));
      this.#note('servers and this command', process.memoryUsage.rss());
    }, 500);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #note(name: string, bytes: number): void {
    this.peak[name] = Math.max(this.peak[name] ?? 0, Math.round(bytes / 1_048_576));
  }
}
