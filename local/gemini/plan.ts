import { type Behavior, behaviorOf, type ModelBehavior, type Step } from './behavior.ts';
import { FAULTS, type Fault } from './fault-names.ts';
import { drawLatency } from './latency.ts';
import type { ServiceTier } from './tiers.ts';

/** What will become of one call. */
export type Outcome =
  | { kind: 'read' }
  | { kind: 'text'; text: string }
  | { kind: 'fault'; fault: Fault; retryDelaySeconds: number }
  | { kind: 'reply'; status: number; body: unknown; headers: Record<string, string> };

export interface Plan {
  outcome: Outcome;
  /** Time scale applied. */
  latencyMs: number;
  /** A scripted call is outside quotas: the script says what happens, not the meter. */
  scripted: boolean;
}

/** Decides one call's fate: the script first, then an outage, then the error shares. */
export class Planner {
  #behavior: Behavior;
  #script: Step[];
  readonly #random: () => number;

  constructor(behavior: Behavior, random: () => number) {
    this.#behavior = behavior;
    this.#script = behavior.script.map((step) => ({ ...step }));
    this.#random = random;
  }

  get behavior(): Behavior {
    return { ...this.#behavior, script: this.#script };
  }

  /** What holds for one model now. */
  settings(model: string): ModelBehavior & { timeScale: number } {
    return { ...behaviorOf(this.#behavior, model), timeScale: this.#behavior.timeScale };
  }

  change(behavior: Behavior, isScriptNew: boolean): void {
    this.#behavior = behavior;
    if (isScriptNew) this.#script = behavior.script.map((step) => ({ ...step }));
  }

  /** Whether a flex call is refused for want of capacity. */
  sheds(model: string, tier: ServiceTier): boolean {
    const { flexShedShare } = this.settings(model);
    // Calls of other tiers draw nothing, so that a seed gives them the same run.
    return tier === 'flex' && flexShedShare > 0 && this.#random() < flexShedShare;
  }

  /** The tier that serves a call which asked for this one. */
  servedTier(model: string, tier: ServiceTier): ServiceTier {
    const { priorityOverflowShare } = this.settings(model);
    const overflows =
      tier === 'priority' && priorityOverflowShare > 0 && this.#random() < priorityOverflowShare;
    return overflows ? 'standard' : tier;
  }

  /** What becomes of a batch job, and of the call that creates one. */
  batchEnd(model: string): ModelBehavior['batchEnds'] {
    const { batchEnds, batchEndRates } = this.settings(model);
    return drawShare(batchEndRates, this.#random) ?? batchEnds;
  }

  batchCreation(model: string): ModelBehavior['batchCreate'] {
    const { batchCreate, batchCreateRates } = this.settings(model);
    return drawShare(batchCreateRates, this.#random) ?? batchCreate;
  }

  /** Time until a batch job begins to run, time scale applied. */
  batchPendingMs(model: string): number {
    const { batchPendingMs, timeScale } = this.settings(model);
    return drawLatency(batchPendingMs, this.#random) * timeScale;
  }

  /** `resolution`: that of its pictures, such as `MEDIA_RESOLUTION_HIGH`. */
  plan(model: string, nowMs: number, tier: ServiceTier, resolution?: string): Plan {
    const settings = this.settings(model);
    const { timeScale } = settings;
    const step = this.#nextStep(model, resolution);
    const drawn = drawFault(settings.errorRates, this.#random());
    const usual =
      tier === 'batch' ? 0 : ((tier === 'flex' ? settings.flexLatencyMs : undefined) ?? settings.latencyMs);
    const latencyMs = drawLatency(step?.latencyMs ?? usual, this.#random) * timeScale;
    const retryDelaySeconds = settings.retryDelaySeconds * timeScale;
    if (step) return { outcome: stepOutcome(step, retryDelaySeconds), latencyMs, scripted: true };
    const fault = nowMs < settings.outageUntil ? 'server503' : drawn;
    const outcome: Outcome = fault ? { kind: 'fault', fault, retryDelaySeconds } : { kind: 'read' };
    return { outcome, latencyMs, scripted: false };
  }

  #nextStep(model: string, resolution: string | undefined): Step | undefined {
    const index = this.#script.findIndex(
      (step) =>
        (step.model === undefined || step.model === model) &&
        (step.mediaResolution === undefined || resolution === `MEDIA_RESOLUTION_${step.mediaResolution}`),
    );
    const step = this.#script[index];
    if (!step) return undefined;
    if ((step.times ?? 1) > 1) step.times = (step.times ?? 1) - 1;
    else this.#script.splice(index, 1);
    return step;
  }
}

function drawFault(rates: Behavior['errorRates'], draw: number): Fault | undefined {
  let upTo = 0;
  return FAULTS.find((fault) => {
    upTo += rates[fault] ?? 0;
    return draw < upTo;
  });
}

/** Draws nothing where there are no shares, so that a seed gives other runs what it gave them. */
function drawShare<Name extends string>(
  shares: Partial<Record<Name, number>>,
  random: () => number,
): Name | undefined {
  const entries = Object.entries(shares) as [Name, number][];
  if (entries.length === 0) return undefined;
  let left = random();
  return entries.find(([, share]) => {
    left -= share;
    return left < 0;
  })?.[0];
}

function stepOutcome(step: Step, retryDelaySeconds: number): Outcome {
  if ('fault' in step) {
    return {
      kind: 'fault',
      fault: step.fault,
      retryDelaySeconds: step.retryDelaySeconds ?? retryDelaySeconds,
    };
  }
  if ('reply' in step) {
    const { status, body, headers = {} } = step.reply;
    return { kind: 'reply', status, body, headers };
  }
  if ('json' in step) return { kind: 'text', text: JSON.stringify(step.json) };
  return 'text' in step ? { kind: 'text', text: step.text } : { kind: 'read' };
}
