import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Output } from '../../cli/output.ts';
import { printProfile } from '../../cli/profiles/pages.ts';
import { referenceFacts } from '../../cli/profiles/references.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { builtIn } from '../support/built-in.ts';
import { picture } from '../support/pipeline.ts';
import { type CliCloud, runCommand, startCliCloud } from './command-line.ts';

const inventory = builtIn('inventory');

let cloud: CliCloud;

beforeAll(async () => {
  cloud = await startCliCloud();
  await writeFile(join(cloud.photos, 'photo.jpg'), await picture(1, 3000, 2000));
  await writeFile(join(cloud.photos, 'text.jpg'), 'no picture');
});

afterAll(() => cloud.close());

/** An output that goes to a pipe, and what it has said so far. */
function collected(): { out: Output; text: () => string } {
  let said = '';
  const pipe = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk;
      done();
    },
  }) as NodeJS.WriteStream;
  return { out: new Output(pipe, pipe), text: () => said };
}

describe('pipeline profiles', () => {
  it('lists them and shows what one asks for', async () => {
    const list = await runCommand(['profiles', 'list']);
    expect(list.stdout).toMatch(/^describe {2}\(default\)\n {2}.+\n/m);
    const show = await runCommand(['profiles', 'show', 'inventory']);
    expect(show.stdout).toMatch(/items\[\]\.condition +new \| damaged/);
    expect(show.stdout).toMatch(/STEP +MODEL +RESOLUTION/);
  });

  it('shows the reference pictures of one by name, size and what they show', async () => {
    const folder = join(cloud.photos, 'references');
    await mkdir(join(folder, 'damage'), { recursive: true });
    const dent = await picture(2, 64, 48);
    await writeFile(join(folder, 'damage/dent.jpg'), dent);
    const profile = { ...inventory, references: [{ file: 'damage/dent.jpg', caption: 'A dent.' }] };
    const facts = referenceFacts(profile, folder);
    expect(facts).toEqual([
      { file: 'damage/dent.jpg', caption: 'A dent.', bytes: dent.length, width: 64, height: 48 },
    ]);
    const { out, text } = collected();
    printProfile(out, profile, compileZod(profile.schema).shape, facts);
    expect(text()).toMatch(/Reference pictures {2}sent with every question, before the picture\n/);
    expect(text()).toContain(`damage/dent.jpg  64 × 48  ${dent.length} B  A dent.\n`);
    const { stdout } = await runCommand(['profiles', 'show', 'inventory', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'inventory', references: [] });
  });

  it('names a reference picture that is missing, and where it should be', () => {
    const profile = { ...inventory, references: [{ file: 'damage/tear.png', caption: 'A tear.' }] };
    expect(() => referenceFacts(profile, cloud.photos)).toThrow(
      'profile inventory, damage/tear.png: there is no such file in profiles/references',
    );
  });

  it('tries one on a picture with the deployed code and stores nothing', async () => {
    const { code, stdout, stderr } = await cloud.run(['profiles', 'try', 'describe', 'photo.jpg']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Picture {2}JPEG, 3000 × 2000, .+ → JPEG, 2048 × 1365, /);
    expect(stdout).toMatch(
      /faithful +2048 × 1365 +[\d.]+ KB +\d\d +[\d.]+ m?s +the profile's: asked about below\n/,
    );
    expect(stdout).toMatch(/fast +2048 × 1365 +[\d.]+ KB +\d\d +[\d.]+ m?s\n/);
    expect(stdout).toMatch(/caption +A plain area of color\./);
    expect(stdout).toMatch(/1 +\S+ +1 +ok/);
    const { stdout: results } = await cloud.run(['results', '--json']);
    expect(JSON.parse(results)).toEqual([]);
  });

  it('gives programs everything as JSON', async () => {
    const { stdout } = await cloud.run(['profiles', 'try', 'describe', 'photo.jpg', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      answer: { tags: ['color'] },
      input: { format: 'jpeg', width: 3000, height: 2000 },
      prepared: { width: 2048, height: 1365, preparation: 'faithful' },
      preparations: [
        { name: 'faithful', reencoded: true, isAsked: true },
        { name: 'fast', reencoded: true, isAsked: false },
      ],
      attempts: [{ outcome: 'ok' }],
    });
  });

  it('refuses what is no picture with the sentence that the pipeline would give', async () => {
    const { code, stderr } = await cloud.run(['profiles', 'try', 'describe', 'text.jpg']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^✗ The file is text; .+ are accepted\.\n {2}Upload a JPEG/);
  });

  it('says what to do when there is no model to ask', async () => {
    const { code, stderr } = await runCommand([
      'profiles',
      'try',
      'describe',
      join(cloud.photos, 'photo.jpg'),
      '--data',
      cloud.photos,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/✗ There is no model to ask\.\n {2}Set GEMINI_API_KEY/);
  });

  it('names the profiles there are', async () => {
    const { code, stderr } = await runCommand(['profiles', 'show', 'shelves']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/There are: .*inventory.*\./);
  });
});
