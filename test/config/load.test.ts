import { describe, expect, it } from 'vitest';
import { analyzeInvariants, analyzeVariables } from '../../functions/analyze-image/options.ts';
import { resizeInvariants, resizeVariables } from '../../functions/resize-image/options.ts';
import { ConfigError, loadConfig } from '../../shared/base/config.ts';

const BUCKETS = { UPLOADS_BUCKET: 'uploads', PREPARED_BUCKET: 'prepared' };

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('a configuration', () => {
  it('with nothing but the bucket names gets the documented defaults', () => {
    expect(loadConfig(resizeVariables, BUCKETS, resizeInvariants)).toMatchObject({
      MAX_BYTES: 50_000_000,
      MAX_PIXELS: 100_000_000,
    });
  });

  it('reports all its problems together, each by name', () => {
    const problems = problemsOf(() =>
      loadConfig(resizeVariables, { MAX_BYTES: 'ten', MAX_PIXELS: '1', PREPARED_BUCKET: '' }),
    );
    expect(problems.join('\n')).toMatch(/MAX_BYTES: expected a whole number of bytes/);
    expect(problems.join('\n')).toMatch(/MAX_PIXELS: expected at least 1000 pixels/);
    expect(problems.join('\n')).toMatch(/UPLOADS_BUCKET is not set: expected the name of the bucket/);
    expect(problems.join('\n')).toMatch(/PREPARED_BUCKET is not set/);
  });

  it.each([
    [{ ...BUCKETS, PREPARED_BUCKET: 'uploads' }, 'must differ'],
    [{ ...BUCKETS, LEASE_MS: '30000' }, 'LEASE_MS must be longer'],
    [{ ...BUCKETS, RESIZE_TIME_LIMIT_MS: '70000' }, 'RESIZE_TIME_LIMIT_MS must be less'],
  ])('of resize-image whose settings contradict each other is refused: %j', (env, sentence) => {
    expect(problemsOf(() => loadConfig(resizeVariables, env, resizeInvariants)).join()).toContain(sentence);
  });

  it('of analyze-image whose calls outlast the function is refused, and the key is not repeated', () => {
    const env = { GEMINI_API_KEY: 'secret-key', MODEL_OVERALL_MS: '70000' };
    const problems = problemsOf(() => loadConfig(analyzeVariables, env, analyzeInvariants)).join();
    expect(problems).toContain('MODEL_OVERALL_MS must be less');
    expect(problems).not.toContain('secret-key');
  });
});
