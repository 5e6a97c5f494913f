import type { Quotas } from './behavior.ts';
import { type GeminiError, quotaExceeded } from './errors.ts';
import { PER_DAY_RETRY_SECONDS, QUOTAS } from './http-faults.ts';

interface Use {
  at: number;
  tokens: number;
}

interface ModelUse {
  minute: Use[];
  day: { date: string; requests: number };
}

const MINUTE_MS = 60_000;

/** A model's day ends at midnight in Los Angeles. */
const pacificDate = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' });

/** Counts what each model was asked for. A refused call uses nothing. */
export class QuotaMeter {
  readonly #uses = new Map<string, ModelUse>();

  /** Takes the call's share, or returns the 429 it must be answered with. `minuteMs` is a minute of scaled time. */
  take(
    model: string,
    tokens: number,
    quotas: Quotas,
    nowMs: number,
    timeScale: number,
  ): GeminiError | undefined {
    if (Object.keys(quotas).length === 0) return undefined;
    const minuteMs = MINUTE_MS * timeScale;
    const use = this.#current(model, nowMs, minuteMs);
    const refusal = refuse(use, model, tokens, quotas, nowMs, minuteMs);
    if (refusal) return refusal;
    use.minute.push({ at: nowMs, tokens });
    use.day.requests += 1;
    return undefined;
  }

  reset(): void {
    this.#uses.clear();
  }

  #current(model: string, nowMs: number, minuteMs: number): ModelUse {
    const date = pacificDate.format(nowMs);
    const known = this.#uses.get(model) ?? { minute: [], day: { date, requests: 0 } };
    known.minute = known.minute.filter((use) => use.at > nowMs - minuteMs);
    if (known.day.date !== date) known.day = { date, requests: 0 };
    this.#uses.set(model, known);
    return known;
  }
}

function refuse(
  { minute, day }: ModelUse,
  model: string,
  tokens: number,
  { perMinute, perDay, tokensPerMinute }: Quotas,
  nowMs: number,
  minuteMs: number,
): GeminiError | undefined {
  if (perDay !== undefined && day.requests >= perDay) {
    return quotaExceeded({ ...QUOTAS.perDay, quotaValue: perDay, model }, PER_DAY_RETRY_SECONDS);
  }
  const secondsUntilFree = (index: number) => ((minute[index]?.at ?? nowMs) + minuteMs - nowMs) / 1000;
  if (perMinute !== undefined && minute.length >= perMinute) {
    const violation = { ...QUOTAS.perMinute, quotaValue: perMinute, model };
    return quotaExceeded(violation, secondsUntilFree(minute.length - perMinute));
  }
  const used = minute.reduce((sum, use) => sum + use.tokens, 0);
  if (tokensPerMinute !== undefined && used + tokens > tokensPerMinute) {
    const violation = { ...QUOTAS.tokensPerMinute, quotaValue: tokensPerMinute, model };
    return quotaExceeded(violation, secondsUntilFree(lastToLeave(minute, used + tokens - tokensPerMinute)));
  }
  return undefined;
}

/** The call that must leave the window before this many tokens are free. */
function lastToLeave(minute: readonly Use[], tokens: number): number {
  let freed = 0;
  const index = minute.findIndex((use) => {
    freed += use.tokens;
    return freed >= tokens;
  });
  return index === -1 ? minute.length - 1 : index;
}
