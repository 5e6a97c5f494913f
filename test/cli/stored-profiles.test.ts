import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerAlways, DESCRIPTION, picture } from '../support/pipeline.ts';
import { agesSince } from './ages.ts';
import { type CliCloud, startCliCloud } from './command-line.ts';

let cloud: CliCloud;
const began = Date.now();

beforeAll(async () => {
  cloud = await startCliCloud();
  for (const seed of [1, 2])
    await writeFile(join(cloud.photos, `${seed}.jpg`), await picture(seed, 400, 300));
  // Both stages have stored what they bring along.
  await cloud.upload('describe/first.jpg', await picture(3));
  await cloud.settled('describe/first.jpg');
});
afterAll(() => cloud.close());

const asking = (prompt: string, rest = ''): string =>
  `# ours\nprompt: ${prompt}\nfields:\n  caption: text\n  confidence: { type: number, min: 0, max: 1 }\n${rest}`;

const write = (name: string, text: string) => writeFile(join(cloud.photos, `${name}.yaml`), text);

const run = async (...args: string[]) => {
  const { code, stdout, stderr } = await cloud.run(['profiles', ...args]);
  return { code, stdout, stderr };
};

describe('pipeline profiles push', () => {
  it('asks by a file from now on, and says what the change is and costs', async () => {
    await write('receipt', asking('Read it.', 'ladder: small-model\n'));
    const first = await run('push', 'receipt.yaml');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^receipt {2}version 1 is active\n {2}\$/);
    expect(first.stdout).toMatch(/\$\d\.\d\d for 1,000 pictures at the first step\n$/);
    await write('receipt', asking('Read it well.', 'ladder: small-model\nmaxSide: 512\n'));
    const dry = await run('push', 'receipt.yaml', '--dry-run');
    expect(dry.stdout).toContain('receipt  would be a new version, before version 1\n');
    const second = await run('push', 'receipt.yaml');
    expect(second.stdout).toContain('receipt  version 2 is active, before version 1\n');
    expect(second.stdout).toContain('  − prompt: Read it.\n  + prompt: Read it well.\n  + maxSide: 512\n');
    expect((await run('push', 'receipt.yaml')).stdout).toBe('receipt  is version 2 already\n');
    await cloud.upload('receipt/a.jpg', await picture(5));
    expect(await cloud.settled('receipt/a.jpg')).toMatchObject({ profile: 'receipt', profileVersion: 2 });
  });

  it('says beforehand that a version will be kept beside the active one', async () => {
    await write('beside', asking('One?'));
    await run('push', 'beside.yaml');
    await write('beside', asking('Two?'));
    expect((await run('push', 'beside.yaml', '--no-activate', '--dry-run')).stdout).toContain(
      'beside  would be a new version, stored and not active\n',
    );
    expect((await run('push', 'beside.yaml', '--no-activate')).stdout).toContain(
      'beside  version 2 is stored and not active; try it: --against 2\n',
    );
    expect((await run('push', 'beside.yaml', '--dry-run')).stdout).toContain(
      'beside  would be version 2 again, before version 1\n',
    );
    await run('delete', 'beside');
  });

  it('pushes nothing when one of the files cannot be used', async () => {
    await write('good', asking('Fine?'));
    await write('bad', `${asking('Fine?')}promt: x\n`);
    const { code, stderr } = await run('push', 'good.yaml', 'bad.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Nothing is pushed:\n  bad.yaml:6:1: a profile has no "promt"; did you mean prompt?',
    );
    expect((await run('list')).stdout).not.toMatch(/^good /m);
  });

  it('pushes neither of two files that define one profile', async () => {
    await mkdir(join(cloud.photos, 'other'), { recursive: true });
    await writeFile(join(cloud.photos, 'other', 'receipt.yaml'), asking('Otherwise?'));
    const { code, stderr } = await run('push', 'receipt.yaml', 'other/receipt.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain('receipt.yaml and other/receipt.yaml define one profile, receipt');
  });

  it('finds a file of profiles/ by its name, and knows what the deployment has stored', async () => {
    expect((await run('push', 'describe')).stdout).toBe('describe  is version 1 already\n');
  });
});

describe('pipeline profiles list and show', () => {
  it('tell which version is asked, and everything that happened', async () => {
    const { stdout } = await run('list');
    const age = agesSince(began);
    expect(stdout).toMatch(new RegExp(`^describe {2}version 1, folder ${age} {2}\\(default\\)\\n`, 'm'));
    expect(stdout).toMatch(new RegExp(`^receipt {2}version 2, push ${age} by \\S+\\n`, 'm'));
    const shown = (await run('show', 'receipt')).stdout;
    expect(shown).toMatch(/VERSION +MADE +BY\n +2 +[\d -:]+ +\S+ +active\n +1 /);
    expect(shown).toMatch(/push +2 +\S+\n/);
    expect((await run('show', 'receipt', '--of', '1', '--file')).stdout).toBe(
      asking('Read it.', 'ladder: small-model\n'),
    );
  });
});

describe('pipeline profiles diff', () => {
  it('compares versions, and a version with a file', async () => {
    expect((await run('diff', 'receipt', '1', '2')).stdout).toBe(
      'receipt  from version 1 to version 2\n  − prompt: Read it.\n  + prompt: Read it well.\n  + maxSide: 512\n',
    );
    expect((await run('diff', 'receipt', '2', 'receipt.yaml')).stdout).toBe(
      'receipt: version 2 and receipt.yaml say the same.\n',
    );
    expect((await run('diff', 'describe')).stdout).toMatch(
      /^describe: version 1 and profiles\/describe\.yaml/,
    );
    expect((await run('diff', 'receipt', '9')).stderr).toContain('There is no version 9 of receipt.');
  });
});

describe('pipeline profiles rollback and delete', () => {
  it('are one command each, and pictures are asked accordingly', async () => {
    await write('undone', asking('One?'));
    await run('push', 'undone.yaml');
    await write('undone', asking('Two?'));
    await run('push', 'undone.yaml');
    expect((await run('rollback', 'undone')).stdout).toBe(
      'undone  version 1 is active again, before version 2\n',
    );
    expect((await run('rollback', 'undone', '--to', '2')).stdout).toContain('version 2 is active again');
    expect((await run('delete', 'undone')).stdout).toContain('undone  is deleted');
    expect((await run('list')).stdout).not.toContain('undone');
    expect((await run('rollback', 'undone', '--to', '1')).stdout).toBe('undone  version 1 is active again\n');
    expect(await run('delete', 'describe')).toMatchObject({ code: 1 });
    await write('describe', asking('Otherwise?'));
    await run('push', 'describe.yaml');
    expect((await run('list')).stdout).toContain(
      'profiles/describe.yaml says something else: pipeline profiles diff describe\n',
    );
    await run('rollback', 'describe');
    expect((await run('rollback', 'nobody')).stderr).toContain('There is no profile nobody.');
  });
});

describe('pipeline profiles export and import', () => {
  it('write every active version as a file with its reference pictures, and push them again', async () => {
    await mkdir(join(cloud.photos, 'references'), { recursive: true });
    await writeFile(join(cloud.photos, 'references', 'dent.jpg'), await picture(7, 64, 48));
    await write('dents', asking('Any?', 'references: [{ file: dent.jpg, caption: A dent. }]\n'));
    await run('push', 'dents.yaml');
    await rm(join(cloud.photos, 'references'), { recursive: true });
    const out = join(cloud.photos, 'kept');
    expect((await run('export', '--out', out)).code).toBe(0);
    expect((await readdir(out)).sort()).toContain('dents.yaml');
    expect(await readFile(join(out, 'dents.yaml'), 'utf8')).toContain('# ours');
    expect((await readdir(join(out, 'references'))).sort()).toEqual(['dent.jpg']);
    expect((await run('import', out)).stdout).toContain('dents  is version 1 already\n');
    await writeFile(join(out, 'references', 'dent.jpg'), await picture(8, 64, 48));
    expect((await run('diff', 'dents', '1', join(out, 'dents.yaml'))).stdout).toMatch(
      /^dents {2}from version 1 to \S+\n {2}− references\/dent\.jpg: sha256 \S+\n {2}\+ references\/dent\.jpg: sha256 \S+\n$/,
    );
    await writeFile(join(out, 'dents.yaml'), 'prompt: Mine.\nfields: { a: text }\n');
    const refused = await run('export', 'dents', '--out', out);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('dents.yaml says something else.');
  });
});

describe('pipeline profiles try', () => {
  it('asks about several pictures, in a table with price and confidence', async () => {
    const { code, stdout } = await run('try', 'receipt', '1.jpg', '2.jpg');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PICTURE +ANSWER +CONFIDENCE +STEP +PRICE\n/);
    expect(stdout).toMatch(/1\.jpg +A plain area of color\. +0\.90 +1 +\$0\.\d+\n/);
    expect(stdout).toMatch(/2 of 2 answered, mean confidence 0\.90, \$0\.\d+, \$\d\.\d\d for 1,000\n$/);
  });

  it('tries a file that is not pushed, and shows field by field what it changes', async () => {
    await write('receipt', asking('Other words.', 'ladder: small-model\n'));
    const script = [
      { json: { ...DESCRIPTION, caption: 'A red square.' } },
      { json: { ...DESCRIPTION, caption: 'A square.' } },
      { json: DESCRIPTION, times: 2 },
    ];
    cloud.model.behave({ script });
    const { stdout } = await run('try', 'receipt.yaml', '1.jpg', '2.jpg', '--against', '2');
    answerAlways(cloud.model, DESCRIPTION);
    expect(stdout).toMatch(/^PICTURE +FIELD +VERSION 2 +RECEIPT\.YAML\n/);
    expect(stdout).toMatch(/1\.jpg +caption +A square\. +A red square\.\n/);
    expect(stdout).not.toMatch(/^2\.jpg/m);
    expect(stdout).toMatch(/receipt\.yaml: 2 of 2 answered.*\nversion 2: 2 of 2 answered/);
    expect((await run('show', 'receipt')).stdout).toMatch(/^receipt {2}version 2\n/);
  });

  it('answers the other pictures when one is none', async () => {
    await writeFile(join(cloud.photos, 'text.jpg'), 'no picture');
    const { code, stdout } = await run('try', 'receipt', '1.jpg', 'text.jpg');
    expect(code).toBe(0);
    expect(stdout).toMatch(/text\.jpg +NOT_AN_IMAGE: The file is text/);
    expect(stdout).toContain('1 of 2 answered');
  });
});

describe('a profile that only the pipeline knows', () => {
  const CAPTION = { caption: 'A receipt.' };

  beforeAll(async () => {
    // Pushed from another machine: no file of it is here.
    await write('elsewhere', asking('Read it.'));
    await run('push', 'elsewhere.yaml');
    await rm(join(cloud.photos, 'elsewhere.yaml'));
    await mkdir(join(cloud.photos, 'labels'));
    await writeFile(join(cloud.photos, 'labels/a.jpg'), await picture(11, 320, 240));
    await writeFile(join(cloud.photos, 'labels/a.json'), JSON.stringify(CAPTION));
  });

  it('has labels that are checked against it', async () => {
    const check = () => cloud.run(['labels', 'check', 'labels', '-p', 'elsewhere']);
    expect((await check()).stdout).toBe('✓ 1 label fit elsewhere\n');
    await writeFile(join(cloud.photos, 'labels/a.json'), '{ "total": 3 }');
    expect((await check()).stdout).toContain('total is no field of elsewhere; there are caption, confidence');
    await writeFile(join(cloud.photos, 'labels/a.json'), JSON.stringify(CAPTION));
  });

  it('is evaluated by its active version, and writes no ladder where no file says it', async () => {
    cloud.model.behave({ script: [{ json: { ...CAPTION, confidence: 0.9 }, times: 9 }] });
    const args = ['evaluate', 'labels', '-p', 'elsewhere', '--resolutions', 'HIGH', '--yes'];
    const { code, stdout } = await cloud.run(args);
    answerAlways(cloud.model, DESCRIPTION);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^elsewhere version 1, 1 label/),
    });
    const refused = await cloud.run([...args, '--write']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('No file in profiles/ says what version 1 of elsewhere does.');
  });

  it('is named where another one is asked for', async () => {
    const { code, stderr } = await cloud.run(['labels', 'check', 'labels', '-p', 'nowhere']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/There is no profile "nowhere"\.\n.*There are: .*elsewhere/);
  });
});
