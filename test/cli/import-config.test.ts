import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../cli/import/env-file.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { runCommand } from './command-line.ts';

const TERRAFORM = fileURLToPath(new URL('../../terraform', import.meta.url));
const KEY = 'AIzaSyNOTAREALKEY-0123456789abcdefghijk';

const RESIZE = `
# exported by firebase ext:export
firebaseextensions.v1beta.function/location=europe-west1
IMG_BUCKET=my-app.appspot.com
IMG_SIZES=200x200,1600x900
DELETE_ORIGINAL_FILE=on_success
MAKE_PUBLIC=true
IMAGE_TYPE=webp
FUNCTION_MEMORY=4096
CONTENT_FILTER_LEVEL=OFF
CACHE_CONTROL_HEADER=
`;

const GEMINI = `
GENERATIVE_AI_PROVIDER=google-ai
MODEL=gemini-3.9-flash
API_KEY=${KEY}
COLLECTION_NAME=generate
PROMPT="What is in this {{ room }}?\\nIt's \\"brief\\" {x}"
IMAGE_FIELD=image
RESPONSE_FIELD=output
TEMPERATURE=0.4
HARM_CATEGORY_HARASSMENT=BLOCK_NONE
SOMETHING_NEW=1
`;

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'import-'));
  await writeFile(join(dir, 'resize.env'), RESIZE);
  await writeFile(join(dir, 'gemini.env'), GEMINI);
});

afterAll(() => rm(dir, { recursive: true, force: true }));

const run = (...args: string[]) => runCommand(['import-config', ...args], { cwd: dir });

/** The variables that `terraform apply` takes. */
async function declaredVariables(): Promise<string[]> {
  const files = (await readdir(TERRAFORM)).filter((name) => /^variables.*\.tf$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(TERRAFORM, name), 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name ?? ''));
}

/** A written profile, read as the functions do. */
async function loadProfile(path: string): Promise<Profile> {
  const read = readProfileText(basename(path, '.yaml'), await readFile(path, 'utf8'));
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.profile;
}

describe('pipeline import-config', () => {
  it('says of every setting what it becomes', async () => {
    const { code, stdout } = await run(
      'resize.env',
      'gemini.env',
      '--out',
      'both',
      '--name',
      'rooms',
      '--json',
    );
    expect(code).toBe(0);
    const { settings } = JSON.parse(stdout) as { settings: { setting: string; fate: string }[] };
    expect(Object.fromEntries(settings.map(({ setting, fate }) => [setting, fate]))).toEqual({
      'firebaseextensions.v1beta.function/location': 'kept',
      IMG_BUCKET: 'changed',
      IMG_SIZES: 'changed',
      DELETE_ORIGINAL_FILE: 'changed',
      MAKE_PUBLIC: 'dropped',
      IMAGE_TYPE: 'dropped',
      FUNCTION_MEMORY: 'kept',
      CONTENT_FILTER_LEVEL: 'kept',
      GENERATIVE_AI_PROVIDER: 'kept',
      MODEL: 'kept',
      API_KEY: 'dropped',
      COLLECTION_NAME: 'changed',
      PROMPT: 'changed',
      IMAGE_FIELD: 'dropped',
      RESPONSE_FIELD: 'changed',
      TEMPERATURE: 'dropped',
      HARM_CATEGORY_HARASSMENT: 'dropped',
      SOMETHING_NEW: 'unknown',
    });
  });

  it('writes a profile that works, with the prompt word for word', async () => {
    await run('resize.env', 'gemini.env', '--out', 'profile', '--name', 'room-pictures');
    const profile = await loadProfile(join(dir, 'profile/room-pictures.yaml'));
    expect(profile).toMatchObject({
      name: 'room-pictures',
      prompt: 'What is in this {{ room }}?\nIt\'s "brief" {x}',
      maxSide: 1600,
    });
    expect(profile.ladder[0].models).toEqual(['gemini-3.9-flash']);
    expect(profile.ladder.length).toBeGreaterThan(1);
    expect(profile.schema.safeParse({ output: 'A sofa.', confidence: 0.9 }).success).toBe(true);
  });

  it('writes the variables of the deployment', async () => {
    await run('resize.env', 'gemini.env', '--out', 'variables', '--name', 'rooms');
    const text = await readFile(join(dir, 'variables/terraform.tfvars'), 'utf8');
    expect(text).toContain(
      [
        'region = "europe-west1"',
        'gemini = { backend = "developer" }',
        'resize = { memory_mb = 4096 }',
        'retention_days = { uploads = 1 }',
        'delete_with_upload = false',
      ].join('\n'),
    );
    expect(text).toContain('# MAKE_PUBLIC: Buckets are private.');
    const declared = await declaredVariables();
    for (const [, name] of text.matchAll(/^(\w+) =/gm)) expect(declared).toContain(name);
  });

  it('neither prints nor copies an API key', async () => {
    const { stdout, stderr } = await run('gemini.env', '--out', 'key', '--name', 'rooms', '--verbose');
    const files = await Promise.all(
      ['terraform.tfvars', 'rooms.yaml'].map((name) => readFile(join(dir, 'key', name), 'utf8')),
    );
    for (const text of [stdout, stderr, ...files]) expect(text).not.toContain(KEY);
    expect(stdout).toContain('Neither read nor copied.');
  });

  it('begins the ladder anew where the old model is being retired', async () => {
    await writeFile(join(dir, 'old.env'), 'MODEL=gemini-2.5-flash\nRESPONSE_FIELD=output\n');
    await run('old.env', '--out', 'old', '--name', 'old');
    const profile = await loadProfile(join(dir, 'old/old.yaml'));
    expect(profile.ladder[0].models[0]).not.toContain('2.5');
  });

  it('makes a content filter a question of yes or no', async () => {
    await writeFile(join(dir, 'filter.env'), 'IMG_SIZES=200x200\nCUSTOM_FILTER_PROMPT=Is it a cat?\n');
    await run('filter.env', '--out', 'filter', '--name', 'cats');
    const profile = await loadProfile(join(dir, 'filter/cats.yaml'));
    expect(profile).toMatchObject({ prompt: 'Is it a cat?', maxSide: 1024 });
    expect(profile.schema.safeParse({ passes: true, reason: 'A cat.', confidence: 1 }).success).toBe(true);
  });

  it('replaces nothing without --force', async () => {
    await run('gemini.env', '--out', 'twice', '--name', 'rooms');
    const second = await run('gemini.env', '--out', 'twice', '--name', 'rooms');
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/terraform\.tfvars exists already\.\n.+--force/);
    expect((await run('gemini.env', '--out', 'twice', '--name', 'rooms', '--force')).code).toBe(0);
  });

  it.each([
    [['nowhere.env'], 'nowhere.env cannot be read (ENOENT).'],
    [['other.env'], 'These are not the settings of an extension that can be imported.'],
    [['gemini.env', '--name', 'inventory'], 'There is a profile "inventory" already.'],
    [['gemini.env', '--name', '../x'], 'A profile cannot be called "../x".'],
  ])('says what is wrong with %j', async (args, sentence) => {
    await writeFile(join(dir, 'other.env'), 'PORT=1\n');
    const { code, stderr } = await run(...args, '--out', 'wrong');
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
  });
});

describe('an .env file', () => {
  it('is read with comments, quotes and values that hold an equals sign', () => {
    const text = '# note\nA=1 # one\nB="two\\nlines"\nC=\'x # y\'\nD=a=b\nexport E=\n';
    expect([...parseEnvFile(text)]).toEqual([
      ['A', '1'],
      ['B', 'two\nlines'],
      ['C', 'x # y'],
      ['D', 'a=b'],
      ['E', ''],
    ]);
  });
});
