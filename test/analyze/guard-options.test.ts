import { describe, expect, it } from 'vitest';
import { analyzeInvariants, analyzeVariables } from '../../functions/analyze-image/options.ts';
import { ConfigError, loadConfig } from '../../shared/base/config.ts';
import { gateOptions } from '../../shared/model/gate/options.ts';

const load = (env: Record<string, string>) =>
  loadConfig(analyzeVariables, { GEMINI_API_KEY: 'key', ...env }, analyzeInvariants);

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    load(env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
};

describe('the settings of the guard', () => {
  it('work as they come', () => {
    expect(problemsOf({})).toEqual([]);
  });

  it('give each instance its share of the quota, and none is no limit', () => {
    const env = { MODEL_REQUESTS_PER_MINUTE: '1000', MAX_INSTANCES: '30' };
    expect(gateOptions(load(env))).toMatchObject({ requestsPerMinute: 33, tokensPerMinute: 0 });
  });

  it.each([
    [
      'a deadline that is not below the timeout of the function',
      { MODEL_OVERALL_MS: '60000' },
      'MODEL_OVERALL_MS',
    ],
    ['a lease that ends before the function', { LEASE_MS: '60000' }, 'LEASE_MS'],
    ['an attempt longer than everything together', { MODEL_ATTEMPT_MS: '55000' }, 'MODEL_ATTEMPT_MS'],
    [
      'more instances than requests',
      { MODEL_REQUESTS_PER_MINUTE: '15', MAX_INSTANCES: '20' },
      'MAX_INSTANCES',
    ],
    [
      'too few tokens for a picture',
      { MODEL_TOKENS_PER_MINUTE: '9000', MAX_INSTANCES: '5' },
      'at least 2000',
    ],
    ['a first rest longer than the longest', { MODEL_REST_MS: '90000' }, 'MODEL_MAX_REST_MS'],
  ])('refuse %s', (_, env, word) => {
    expect(problemsOf(env)).toEqual([expect.stringContaining(word)]);
  });
});
