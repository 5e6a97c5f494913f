import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { integer } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import type { Documents } from '../cloud/firestore/documents.ts';
import type { Prompt } from '../model/prompt.ts';
import type { Lane } from '../prices/lanes.ts';
import type { TokenUsage } from '../prices/price-list.ts';
import { dayOf } from '../prices/units.ts';

/** One model call: who, what, how much; never content. */
interface AuditRecord {
  at: Date;
  uploader: string | null;
  bucket: string;
  name: string;
  generation: string;
  profile: string;
  /** The model that was asked and the one that answered. */
  model: string;
  version: string | null;
  step: number;
  promptSha256: string;
  outcome: string;
  /** The lane that served it, or was asked for where nothing did; absent for `standard`. */
  lane?: Lane;
  tokens: TokenUsage | null;
  costUsd: number | null;
  latencyMs: number;
}

/** Variables of the audit log. */
export const auditVariables = {
  /** How long records stay in Firestore; 0 writes none there. The log lines are kept as long as the log bucket says. */
  AUDIT_RETENTION_DAYS: integer('days', { min: 0, max: 36_500, default: 90 }),
  /** Records of one document. */
  AUDIT_BATCH: integer('records', { min: 1, max: 500, default: 20 }),
};

export type AuditConfig = z.infer<z.ZodObject<typeof auditVariables>>;

const DAY_MS = 86_400_000;
const FLUSH_MS = 2_000;

/**
 * The audit log. Each record is a log line at once, which is the complete log; Firestore gets the same records many to a
 * document `audit/{auto}` (`{ at, day, records[], expireAt }`), so that they cost next to no writes: when an instance is
 * killed the last two seconds are in the log lines only.
 */
export class AuditLog {
  readonly #documents: Documents;
  readonly #log: Log;
  readonly #config: AuditConfig;
  #records: AuditRecord[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(documents: Documents, config: AuditConfig, log: Log) {
    this.#documents = documents;
    this.#config = config;
    this.#log = log;
  }

  record(record: AuditRecord): void {
    this.#log.info('audit', { ...record });
    if (this.#config.AUDIT_RETENTION_DAYS === 0) return;
    this.#records.push(record);
    if (this.#records.length >= this.#config.AUDIT_BATCH) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Writes what waits. Never throws: the log lines have it all. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const records = this.#records.splice(0);
    if (records.length === 0) return;
    const now = Date.now();
    try {
      await this.#documents.create(`audit/${now}-${randomUUID()}`, {
        at: new Date(now),
        day: dayOf(now),
        records,
        expireAt: new Date(now + this.#config.AUDIT_RETENTION_DAYS * DAY_MS),
      });
    } catch (error) {
      this.#log.error('audit.not-stored', error, { records: records.length });
    }
  }
}

/** Says which prompt was asked, reference pictures included, without keeping it. */
export function promptHash({ instructions, references, text }: Prompt): string {
  const parts = [instructions, ...references.map(({ sha256 }) => sha256), text];
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}
