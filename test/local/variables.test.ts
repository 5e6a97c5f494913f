import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allOptionShapes, defaultOf } from '../../build/option-shapes.ts';
import { givenVariables } from '../../local/variables/given.ts';
import { meantBy } from '../../local/variables/look-alikes.ts';

const shapes = await allOptionShapes();
const known = [...new Set([...shapes.values()].flatMap(({ variables }) => Object.keys(variables)))];

describe('the variables of a shell', () => {
  it('reach every function that knows them, and no other', () => {
    const { functionEnv } = givenVariables(
      { MAX_BYTES: '2000000', DAILY_BUDGET_USD: '3', HOME: '/' },
      shapes,
    );
    expect(functionEnv).toEqual({
      'analyze-image': { DAILY_BUDGET_USD: '3' },
      api: { MAX_BYTES: '2000000' },
      batch: { DAILY_BUDGET_USD: '3' },
      'budget-alert': {},
      'resize-image': { MAX_BYTES: '2000000' },
      sweep: {},
      webhook: {},
    });
  });

  it('reach the functions whichever of theirs it is, but for what the local cloud decides', () => {
    const decided = known.filter((name) => {
      const { functionEnv } = givenVariables({ [name]: sampleOf(name) }, shapes);
      return !Object.values(functionEnv).some((env) => name in env);
    });
    expect(decided.sort()).toEqual([
      'ANSWERED_BY',
      'FALLBACK',
      'FALLBACK_API_KEY',
      'FALLBACK_URL',
      'FIRESTORE_DATABASE',
      'GEMINI_API_KEY',
      'GEMINI_BASE_URL',
      'GOOGLE_CLOUD_PROJECT',
      'K_SERVICE',
      'PREPARED_BUCKET',
      'PREPARED_TOPIC',
      'PUBSUB_EMULATOR_HOST',
      'STORAGE_EMULATOR_HOST',
      'UPLOADS_BUCKET',
      'UPLOADS_TOPIC',
      'WEBHOOKS_TOPIC',
      'WEBHOOK_LOOPBACK',
      'WEB_DIR',
    ]);
  });

  it('are shown where they differ from the default, secrets without their value', () => {
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    const { changed, ignored } = givenVariables(
      { MAX_BYTES: '50000000', STALE_MS: '1000000', WEBHOOK_SECRET: secret, FIRESTORE_DATABASE: 'mine' },
      shapes,
    );
    expect(changed).toEqual([
      { name: 'STALE_MS', value: '1000000', usual: '900000' },
      { name: 'WEBHOOK_SECRET', value: undefined, usual: undefined },
    ]);
    expect(ignored).toEqual(['FIRESTORE_DATABASE']);
  });

  it.each([
    [{ DAILY_BUDGET_USD: '5 EUR' }, 'DAILY_BUDGET_USD: expected an amount in US dollars'],
    [{ LEASE_MS: '2000' }, 'LEASE_MS must be longer than FUNCTION_TIMEOUT_MS'],
    [{ GEMINI_BACKEND: 'vertex' }, 'here Gemini is asked with GEMINI_API_KEY'],
    [
      { UPLOADER_BUDGET_USD: '1' },
      'Nothing reads UPLOADER_BUDGET_USD; UPLOADER_DAILY_BUDGET_USD may be meant',
    ],
  ])('end the start when a function would refuse them or a name is nearly ours: %j', (env, sentence) => {
    expect(() => givenVariables(env, shapes)).toThrow(sentence);
  });

  it.each([
    ['DAILY_BUDGET', 'DAILY_BUDGET_USD'],
    ['MAX_BYTE', 'MAX_BYTES'],
    ['MODEL_REQUESTS_MINUTE', 'MODEL_REQUESTS_PER_MINUTE'],
  ])('%s is taken for %s', (name, meant) => {
    expect(meantBy(name, known)).toBe(meant);
  });

  it.each([
    'LANGUAGE',
    'HISTSIZE',
    'NODE_ENV',
    'SSH_AUTH_SOCK',
    'BASE_URL',
    'CLOUD_PROJECT',
    'XDG_DATA_DIRS',
    'GOOGLE_APPLICATION_CREDENTIALS',
  ])('%s is taken for none of ours', (name) => {
    expect(meantBy(name, known)).toBeUndefined();
  });
});

describe('a file .env', () => {
  it('is read where the command line is called, and the shell wins', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'env-'));
    try {
      await writeFile(join(folder, '.env'), 'MAX_BYTES=many\nMAX_PIXELS=2000000\n');
      const pipeline = fileURLToPath(new URL('../../bin/pipeline.mjs', import.meta.url));
      const said = execFileSync(process.execPath, [pipeline, 'doctor', '--config'], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: folder, MAX_BYTES: '3000000' },
        encoding: 'utf8',
      });
      expect(said).toContain('Set in this shell and as expected: MAX_BYTES, MAX_PIXELS.');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Something that the functions take for this variable. */
function sampleOf(name: string): string {
  const schema = [...shapes.values()].find(({ variables }) => name in variables)?.variables[name];
  const usual = schema && defaultOf(schema);
  if (usual) return usual;
  if (name === 'WEBHOOK_SECRET') return `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
  if (name.endsWith('_ORIGINS')) return 'https://shop.example.com';
  return name.endsWith('_URL') ? 'http://127.0.0.1:1' : 'text';
}
