import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../support/pipeline.ts';
import { type CliCloud, runCommand, startCliCloud } from './command-line.ts';

let cloud: CliCloud;

beforeAll(async () => {
  cloud = await startCliCloud();
  await writeFile(join(cloud.photos, 'photo.jpg'), await picture(1, 3000, 2000));
  await writeFile(join(cloud.photos, 'text.jpg'), 'no picture');
});

afterAll(() => cloud.close());

describe('pipeline profiles', () => {
  it('lists them and shows what one asks for', async () => {
    const list = await runCommand(['profiles', 'list']);
    expect(list.stdout).toMatch(/^describe {2}\(default\)\n {2}.+\ninventory\n/);
    const show = await runCommand(['profiles', 'show', 'inventory']);
    expect(show.stdout).toMatch(/items\[\]\.condition +new \| damaged/);
    expect(show.stdout).toMatch(/STEP +MODEL +RESOLUTION/);
  });

  it('tries one on a picture with the deployed code and stores nothing', async () => {
    const { code, stdout, stderr } = await cloud.run(['profiles', 'try', 'describe', 'photo.jpg']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Picture {2}JPEG, 3000 × 2000, .+ → JPEG, 2048 × 1365, /);
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
      prepared: { width: 2048, height: 1365 },
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
    expect(stderr).toContain('There are: describe, inventory, moderation.');
  });
});
