import { describe, expect, it } from 'vitest';
import { allOptionShapes } from '../../build/option-shapes.ts';
import type { Finding } from '../../cli/doctor/finding.ts';
import { shellFindings } from '../../cli/doctor/variables.ts';

const shapes = await allOptionShapes();

const told = (env: Record<string, string>) =>
  shellFindings(env, shapes).map(({ severity, text, fix }: Finding) => [severity, text, fix]);

describe('pipeline doctor on the variables of a shell', () => {
  it('takes the fallback that npm start brings along, and the one that a person names', () => {
    const named = { FALLBACK: 'local-reader', FALLBACK_URL: 'https://reader.example.com' };
    expect(told({ FALLBACK: 'local-reader' })).toEqual([
      ['ok', 'Set in this shell and as expected: FALLBACK.', undefined],
    ]);
    expect(told(named)).toEqual([
      ['ok', 'Set in this shell and as expected: FALLBACK, FALLBACK_URL.', undefined],
    ]);
  });

  it.each([
    ['FALLBACK', 'reader', 'FALLBACK: expected none or local-reader.'],
    ['VERTEX_FAILOVER', 'yes', 'VERTEX_FAILOVER: expected true or false.'],
    ['GEMINI_BACKEND', 'google', 'GEMINI_BACKEND: expected developer or vertex.'],
  ])('says what %s may be', (name, value, text) => {
    expect(told({ [name]: value })).toEqual([
      ['error', text, `unset ${name}, or set it to what is expected`],
    ]);
  });

  it('names of a broken rule the variable that this shell has set', () => {
    const [finding] = told({ FALLBACK: 'local-reader', FALLBACK_TIMEOUT_MS: '60000' });
    expect(finding).toEqual([
      'error',
      expect.stringContaining('MODEL_OVERALL_MS and FALLBACK_TIMEOUT_MS together'),
      'unset FALLBACK_TIMEOUT_MS, or set it to what is expected',
    ]);
  });

  it('finds a name that is nearly one of ours, and leaves those of other programs alone', () => {
    expect(told({ FALBACK: 'local-reader', LANGUAGE: 'en', HISTSIZE: '1000', NODE_ENV: 'test' })).toEqual([
      ['warning', 'Nothing reads FALBACK; FALLBACK may be meant.', 'unset FALBACK, and set FALLBACK'],
    ]);
  });
});
