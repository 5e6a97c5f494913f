import { increment, type Patch, type Write } from '../cloud/firestore/documents.ts';
import type { Lane } from '../prices/lanes.ts';
import type { TokenUsage } from '../prices/price-list.ts';
import type { NanoUsd } from '../prices/units.ts';
import { mapKeyOf } from './uploader-keys.ts';

/** One call that was made. */
export interface Charge {
  /** The model whose price was used, and the lane; absent for `standard`. */
  model: string;
  lane?: Lane;
  tokens: TokenUsage | null;
  nanos: NanoUsd;
  /** What this very call was expected to cost, to hold against `nanos`. */
  expected?: NanoUsd;
}

/** What one execution of one image comes to. */
export interface SpendEntry {
  day: string;
  scopes: readonly string[];
  profile: string;
  uploader: string | null;
  /** Whether the image ended with this execution. */
  ended: boolean;
  cacheHit: boolean;
  calls: readonly Charge[];
  /** Estimate of the first call, where there was one. */
  estimated: NanoUsd;
  /** Estimates of calls whose answer never came and that may have been billed. */
  lost: NanoUsd;
  savedByCache: NanoUsd;
  /** What the top step of the ladder alone would have cost. */
  topStep: NanoUsd;
  /** Bytes of the upload and of the picture made of it. */
  bytesIn: number;
  bytesOut: number;
}

/** What is counted by day, profile, model and uploader; amounts in nano-dollars. */
export const COUNTS = [
  'images',
  'cacheHits',
  'calls',
  'nanoUsd',
  'comparedCalls',
  'comparedNanoUsd',
  'comparedEstimateNanoUsd',
  'estimatedNanoUsd',
  'lostNanoUsd',
  'savedByCacheNanoUsd',
  'topStepNanoUsd',
  'bytesIn',
  'bytesOut',
  'promptTokens',
  'imageTokens',
  'cachedTokens',
  'thoughtTokens',
  'outputTokens',
] as const;

export type Counts = Partial<Record<(typeof COUNTS)[number], number>>;

/** Each named uploader adds index entries to the shard, and a document may have 40,000. */
const MAX_UPLOADERS = 500;
const OTHER_UPLOADERS = '(others)';
const NO_UPLOADER = '(none)';

const KEPT_MS = 400 * 86_400_000;

/** The spend log of one instance: every entry is one write of additions, committed together with the image it is about. */
export class SpendLog {
  readonly #owner: string;
  #day = '';
  #uploaders = new Set<string>();

  constructor(owner: string) {
    this.#owner = owner;
  }

  write(entry: SpendEntry): Write {
    return this.writeAll([entry]);
  }

  /** Several of one day in one write. */
  writeAll(entries: readonly [SpendEntry, ...SpendEntry[]]): Write {
    const [{ day }] = entries;
    const spent = entries.flatMap((entry) => entry.scopes.map((scope) => ({ [scope]: spentOf(entry) })));
    const patch: Patch = {
      day,
      owner: this.#owner,
      updatedAt: new Date(Date.now()),
      expireAt: new Date(Date.parse(day) + KEPT_MS),
      scopes: additions(totalOf(spent)),
      total: additions(totalOf(entries.map(countsOf))),
      profiles: countsBy(entries, ({ profile }) => profile),
      models: modelsOf(entries),
      uploaders: countsBy(entries, (entry) => this.#uploaderKey(entry)),
    };
    return { kind: 'merge', path: shardPath(day, this.#owner), patch: withoutEmpty(patch) };
  }

  #uploaderKey({ uploader, day }: SpendEntry): string {
    if (uploader === null || uploader === '') return NO_UPLOADER;
    if (day !== this.#day) {
      this.#day = day;
      this.#uploaders = new Set();
    }
    const key = mapKeyOf(uploader);
    if (!this.#uploaders.has(key) && this.#uploaders.size >= MAX_UPLOADERS) return OTHER_UPLOADERS;
    this.#uploaders.add(key);
    return key;
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const spentOf = ({ calls, lost }: SpendEntry): NanoUsd => sum(calls.map(({ nanos }) => nanos)) + lost;

function countsOf(entry: SpendEntry): Counts {
  return {
    images: entry.ended ? 1 : 0,
    cacheHits: entry.cacheHit ? 1 : 0,
    estimatedNanoUsd: entry.estimated,
    lostNanoUsd: entry.lost,
    savedByCacheNanoUsd: entry.savedByCache,
    topStepNanoUsd: entry.topStep,
    bytesIn: entry.ended ? entry.bytesIn : 0,
    bytesOut: entry.ended ? entry.bytesOut : 0,
    ...callCounts(entry.calls),
  };
}

const callCounts = (calls: readonly Charge[]): Counts => {
  const tokens = (key: keyof TokenUsage) => sum(calls.map((call) => call.tokens?.[key] ?? 0));
  const compared = calls.filter(({ expected }) => expected !== undefined);
  return {
    calls: calls.length,
    nanoUsd: sum(calls.map(({ nanos }) => nanos)),
    comparedCalls: compared.length,
    comparedNanoUsd: sum(compared.map(({ nanos }) => nanos)),
    comparedEstimateNanoUsd: sum(compared.map(({ expected = 0 }) => expected)),
    promptTokens: tokens('prompt'),
    imageTokens: tokens('image'),
    cachedTokens: tokens('cached'),
    thoughtTokens: tokens('thoughts'),
    outputTokens: tokens('output'),
  };
};

function modelsOf(entries: readonly SpendEntry[]): Record<string, Record<string, unknown>> {
  const byPrice = Map.groupBy(
    entries.flatMap(({ calls }) => calls),
    pricedAs,
  );
  return Object.fromEntries([...byPrice].map(([name, those]) => [name, additions(callCounts(those))]));
}

/** `gemini-3.5-flash-lite`, or with the lane that served it `gemini-3.5-flash-lite/flex`. */
export const pricedAs = ({ model, lane }: { model: string; lane?: Lane | undefined }): string =>
  lane === undefined ? model : `${model}/${lane}`;

const countsBy = (
  entries: readonly SpendEntry[],
  keyOf: (entry: SpendEntry) => string,
): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    [...Map.groupBy(entries, keyOf)].map(([key, those]) => [key, additions(totalOf(those.map(countsOf)))]),
  );

function totalOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const one of all) for (const [name, by] of Object.entries(one)) total[name] = (total[name] ?? 0) + by;
  return total;
}

const additions = (counts: Readonly<Record<string, number>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(counts)
      .filter(([, by]) => by !== 0)
      .map(([name, by]) => [name, increment(by)]),
  );

/** A merging write of `{}` would replace the stored value by nothing. */
const withoutEmpty = (patch: Patch): Patch =>
  Object.fromEntries(
    Object.entries(patch).flatMap(([key, value]) => {
      if (!isPlainObject(value)) return [[key, value]];
      const kept = withoutEmpty(value);
      return Object.keys(kept).length > 0 ? [[key, kept]] : [];
    }),
  );

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
/** Where one instance spend log what it spent on a day: nobody else writes there, so nothing contends. */
export const shardPath = (day: string, owner: string): string => `${shardsOf(day)}/${owner}`;

export const shardsOf = (day: string): string => `spend/pipeline_${day}/shards`;
