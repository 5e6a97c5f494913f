import { describe, expect, it } from 'vitest';
import { at } from './google/addresses.ts';
import { all, type Change, examined, set } from './google/examine.ts';
import { APPLY, tellsOf } from './google/rows.ts';

const EDIT = /^Fix it in terraform\/modules\/pipeline\/environment\.tf, then: terraform/;
const RESIZE = at.function('resize-image');
const ANALYZE = at.function('analyze-image');

const variable = (fn: string, name: string, value: string | undefined): Change =>
  set(at.function(fn), `serviceConfig.environmentVariables.${name}`, value);

describe('pipeline doctor on variables', () => {
  tellsOf([
    [
      'a variable that must be set',
      variable('resize-image', 'UPLOADS_BUCKET', undefined),
      'error',
      /pictures-resize-image: UPLOADS_BUCKET is not set/,
      EDIT,
    ],
    [
      'a value out of range',
      variable('analyze-image', 'MODEL_MAX_ATTEMPTS', '99'),
      'error',
      /MODEL_MAX_ATTEMPTS: expected at most 10 calls/,
      EDIT,
    ],
    [
      'a rule between variables',
      variable('resize-image', 'LEASE_MS', '100000'),
      'error',
      /LEASE_MS must be longer than FUNCTION_TIMEOUT_MS/,
      EDIT,
    ],
    [
      'a variable that nothing reads',
      variable('sweep', 'SWEEP_LIMITS', '5'),
      'warning',
      /nothing reads SWEEP_LIMITS/,
      EDIT,
    ],
    [
      'the bucket of another pipeline',
      variable('api', 'UPLOADS_BUCKET', 'others-uploads'),
      'error',
      /UPLOADS_BUCKET is others-uploads, this deployment's is my-project-123-pictures-uploads/,
      APPLY,
    ],
    [
      'another database',
      variable('budget-alert', 'FIRESTORE_DATABASE', '(default)'),
      'error',
      /FIRESTORE_DATABASE is \(default\)/,
      APPLY,
    ],
    [
      'a time limit beyond the platform',
      set(at.function('sweep'), 'serviceConfig.timeoutSeconds', 120),
      'error',
      /ends the call after 120000/,
      APPLY,
    ],
    [
      'more pixels than memory',
      set(RESIZE, 'serviceConfig.availableMemory', '1Gi'),
      'error',
      /may hold 50 megapixels at once; its 1Gi is enough for 25/,
      APPLY,
    ],
    [
      'calls of the model that the instance never makes room for',
      variable('analyze-image', 'MODEL_MAX_CONCURRENCY', '32'),
      'warning',
      /would call the model for 32/,
      APPLY,
    ],
    [
      'a fallback of one stage alone',
      all(
        variable('analyze-image', 'FALLBACK', 'local-reader'),
        variable('analyze-image', 'FALLBACK_URL', 'https://reader.example.com'),
      ),
      'warning',
      /FALLBACK is local-reader for pictures-analyze-image, but not for pictures-resize-image/,
      APPLY,
    ],
    [
      'a fallback that has no address',
      all(
        variable('analyze-image', 'FALLBACK', 'local-reader'),
        variable('resize-image', 'FALLBACK', 'local-reader'),
      ),
      'error',
      /pictures-analyze-image: FALLBACK_URL is not set/,
      EDIT,
    ],
    [
      'a fallback that pictures reach unencrypted',
      all(
        variable('analyze-image', 'FALLBACK', 'local-reader'),
        variable('analyze-image', 'FALLBACK_URL', 'http://reader.example.com'),
        variable('resize-image', 'FALLBACK', 'local-reader'),
      ),
      'error',
      /would send pictures to its fallback unencrypted/,
      /^Give fallback\.url an https address/,
    ],
    [
      'the key of a fallback in the open',
      variable('analyze-image', 'FALLBACK_API_KEY', 'a-key'),
      'error',
      /FALLBACK_API_KEY in plain sight/,
      /TF_VAR_fallback_api_key=NEW_KEY terraform/,
    ],
  ]);
});

describe('pipeline doctor on the quota and the key', () => {
  it('tells of instances that together exceed the quota', async () => {
    const { wrong } = await examined(set(ANALYZE, 'serviceConfig.maxInstanceCount', 8));
    expect(wrong.map(({ text }) => text)).toEqual([
      expect.stringMatching(/may run 8 instances, but shares the model's quota out among 2/),
      expect.stringMatching(
        /takes 8 x 15 pictures at once, and the quota of 300 requests a minute lets 30 through/,
      ),
    ]);
  });

  it('finds a key that stands in the open, and never repeats it', async () => {
    const { wrong, findings } = await examined(
      all(
        variable('analyze-image', 'GEMINI_API_KEY', 'AIza-secret'),
        set(ANALYZE, 'serviceConfig.secretEnvironmentVariables', []),
      ),
    );
    expect(wrong).toEqual([
      {
        severity: 'error',
        text: expect.stringMatching(/GEMINI_API_KEY in plain sight/),
        fix: expect.anything(),
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain('AIza-secret');
  });
});
