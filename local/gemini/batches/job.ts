import type { ApiName } from '../address.ts';

/** Where a job stands, in one word for both APIs. */
type JobState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'EXPIRED';

/** Where its rows come from. */
export type JobInput =
  | { kind: 'file'; name: string }
  | { kind: 'inline'; rows: readonly InlineRow[] }
  | { kind: 'object'; uri: string };

export interface InlineRow {
  request: unknown;
  metadata?: Record<string, unknown>;
}

export interface SimulatedJob {
  readonly api: ApiName;
  readonly id: string;
  readonly model: string;
  readonly displayName: string;
  readonly input: JobInput;
  /** Of Vertex AI: project and location, and where the answers go. */
  readonly location?: string;
  readonly outputPrefix?: string;
  readonly createdAt: number;
  updatedAt: number;
  endedAt?: number;
  state: JobState;
  counts: { total: number; answered: number; failed: number };
  /** The file, folder or inline answers that hold what became of the rows. */
  output?: { file: string } | { folder: string } | { inline: readonly unknown[] };
  error?: { code: number; message: string };
  /** Aborted when somebody cancels it. */
  readonly cancelled: AbortController;
}

export const isOver = ({ state }: SimulatedJob): boolean => state !== 'PENDING' && state !== 'RUNNING';
