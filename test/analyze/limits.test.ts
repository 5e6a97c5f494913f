import { describe, expect, it } from 'vitest';
import { createLimits } from '../../functions/analyze-image/flex.ts';
import { analyzeVariables } from '../../functions/analyze-image/options.ts';
import { loadConfig } from '../../shared/base/config.ts';
import type { AskedLane } from '../../shared/results/document.ts';

const config = loadConfig(analyzeVariables, { PREPARED_BUCKET: 'prepared', GEMINI_API_KEY: 'AQ.key' });
const limitsOf = createLimits(config);
const NOW = Date.UTC(2026, 10, 30, 12);

/** A picture of the lane that may take this long and came this long ago. Seconds. */
const picture = (asked: AskedLane['asked'], patience: number, ago = 0) => ({
  lane: { asked, patienceMs: patience * 1_000, since: new Date(NOW - ago * 1_000) },
});
const seconds = (document: Parameters<typeof limitsOf>[0]) => {
  const { timeoutMs, leaseMs } = limitsOf(document, NOW);
  return { timeout: timeoutMs / 1_000, lease: leaseMs / 1_000 };
};

const usual = { timeout: config.FUNCTION_TIMEOUT_MS / 1_000, lease: config.LEASE_MS / 1_000 };
const margin = usual.lease - usual.timeout;

describe('what one execution of a picture may take', () => {
  it('is the same for each picture that does not go by flex', () => {
    expect(seconds({})).toEqual(usual);
    expect(seconds(picture('priority', 900))).toEqual(usual);
  });

  it('is minutes in flex, and what a batch did not answer goes by flex', () => {
    const long = { timeout: 560, lease: 560 + margin };
    expect(seconds(picture('flex', 900))).toEqual(long);
    expect(seconds(picture('batch', 86_400, 82_800))).toEqual(long);
  });

  it('is less where patience ends before, so that a picture whose process died is taken up in time', () => {
    const { timeout, lease } = seconds(picture('flex', 120));
    expect(timeout).toBeLessThanOrEqual(120 + usual.timeout);
    expect(lease).toBe(timeout + margin);
    expect(seconds(picture('flex', 900, 840)).timeout).toBeLessThan(120);
  });

  it('is enough for the standard lane when patience is over', () => {
    expect(seconds(picture('flex', 60, 600))).toEqual(usual);
  });
});
