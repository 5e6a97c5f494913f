import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { delay } from '../../base/resilience/delay.ts';
import type { Documents, Stored, Version } from '../../cloud/firestore/documents.ts';
import type { Kept } from './cache-cost.ts';

/**
 * `contexts/{key}`: the cache that all instances use for the same contents of the same model, and who is making or
 * renewing it. One instance does and pays, the others use what exists:
 *
 *   take turn (create-if-absent, compare-and-set) ── pay, ask the API ── store (compare-and-set)
 *     └ somebody else's turn: look again until a cache is there, or until that turn is over
 */
const contextDocument = z.object({
  model: z.string(),
  name: z.string().optional(),
  expiresAt: z.date().optional(),
  tokens: z.number().optional(),
  turn: z.object({ by: z.string(), until: z.date() }).optional(),
});

type ContextDocument = z.infer<typeof contextDocument>;

/** What is wanted of a record. */
interface Wanted {
  key: string;
  model: string;
  /** Estimate, where the record does not say how many there are. */
  tokens: number;
  /** A cache that lasts this long is as good as a new one. Milliseconds. */
  lastsMs: number;
}

type Turn =
  /** A cache is there that lasts. */
  | { kind: 'there'; kept: Kept }
  /** It is on the caller to make one or to make `old` last. */
  | { kind: 'mine'; old: Kept | undefined; version: Version };

/** Longer than the API and Firestore may take, shorter than what is left of a cache that is to be renewed. */
const TURN_MS = 60_000;
/** The first look while somebody else is at it; each further one waits twice as long. Milliseconds. */
const FIRST_LOOK_MS = 200;

export class ContextRecords {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** Waits while another instance is at it; `meanwhile` gets the cache that is there until then. */
  async turn(wanted: Wanted, meanwhile: (kept: Kept | undefined) => void): Promise<Turn> {
    const by = randomUUID();
    for (let pause = FIRST_LOOK_MS; ; ) {
      const stored = await this.#documents.get(pathOf(wanted.key));
      const record = stored && contextDocument.safeParse(stored.data).data;
      const kept = keptOf(record, wanted.tokens);
      if (kept && kept.expiresAt - Date.now() >= wanted.lastsMs) return { kind: 'there', kept };
      const isTaken = record?.turn !== undefined && record.turn.until.getTime() > Date.now();
      // An earlier try of ours went through although its answer was lost.
      if (stored && isTaken && record.turn?.by === by)
        return { kind: 'mine', old: kept, version: stored.version };
      if (isTaken) {
        meanwhile(kept);
        await delay(pause);
        pause *= 2;
        continue;
      }
      const version = await this.#take(wanted, by, stored);
      if (version) return { kind: 'mine', old: kept, version };
    }
  }

  /** Ends the caller's turn; resolves with the cache that all use from now on, which is another one if the turn was over. */
  async store({ key, model, tokens }: Wanted, version: Version, made: Kept): Promise<Kept> {
    const data = { ...made, model, expiresAt: new Date(made.expiresAt), turn: undefined };
    const written = await this.#documents.compareAndSet(pathOf(key), data, version);
    if (written !== 'stale') return made;
    const stored = await this.#documents.get(pathOf(key));
    return keptOf(stored && contextDocument.safeParse(stored.data).data, tokens) ?? made;
  }

  async #take({ key, model }: Wanted, by: string, stored: Stored | undefined): Promise<Version | undefined> {
    const turn = { by, until: new Date(Date.now() + TURN_MS) };
    const written = stored
      ? await this.#documents.compareAndSet(pathOf(key), { model, turn }, stored.version)
      : await this.#documents.create(pathOf(key), { model, turn });
    return written === 'stale' || written === 'exists' ? undefined : written;
  }
}

const pathOf = (key: string): string => `contexts/${key}`;

const keptOf = (record: ContextDocument | undefined, tokens: number): Kept | undefined =>
  record?.name === undefined || record.expiresAt === undefined
    ? undefined
    : { name: record.name, expiresAt: record.expiresAt.getTime(), tokens: record.tokens ?? tokens };
