export const STAGES = ['queue', 'prepare', 'model', 'store'] as const;
export type Stage = (typeof STAGES)[number];

/** What became of one picture. Milliseconds; times are of the test's own clock. */
export interface Sample {
  /** When it was to be sent: its latency begins here, however late it was really sent. */
  dueAt: number;
  endedAt: number;
  /** `completed`, or the failure's code, or what went wrong on the way. */
  outcome: string;
  stages: Readonly<Partial<Record<Stage, number>>>;
  /** Calls of the model, the first included. */
  calls: number;
  tokens: number;
  usd: number;
}

export const latencyOf = ({ dueAt, endedAt }: Sample): number => endedAt - dueAt;

type Facts = Pick<Sample, 'outcome' | 'stages' | 'calls' | 'tokens' | 'usd'>;

interface Ended {
  status?: unknown;
  failure?: { code?: unknown } | undefined;
  timings?: Record<string, number | undefined> | undefined;
  attempts?: readonly { tokens?: { prompt: number; thoughts: number; output: number } | null }[] | undefined;
  cost?: { usd?: number } | undefined;
}

/** Reads what counts off a result, be it the document itself or the API's view of it. */
export function factsOf(result: object): Facts {
  const { status, failure, timings = {}, attempts = [], cost } = result as Ended;
  const sum = (...names: string[]) => names.reduce((total, name) => total + (timings[name] ?? 0), 0);
  return {
    outcome: status === 'completed' ? 'completed' : String(failure?.code ?? status),
    stages: {
      queue: sum('queueMs'),
      prepare: sum('downloadMs', 'resizeMs', 'uploadMs'),
      model: sum('modelMs'),
      store: sum('storeMs'),
    },
    calls: attempts.length,
    tokens: attempts.reduce(
      (total, { tokens }) => total + (tokens ? tokens.prompt + tokens.thoughts + tokens.output : 0),
      0,
    ),
    usd: cost?.usd ?? 0,
  };
}
