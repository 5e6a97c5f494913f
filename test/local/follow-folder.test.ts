import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FollowedFolder, followFolder, type ProfileChange } from '../../local/follow-folder.ts';

let folder: string;
let followed: FollowedFolder;
let changes: ProfileChange[];
let waiting: (() => void) | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'followed-'));
  await writeFile(join(folder, 'shelf.yaml'), asking('What is on the shelf?'));
  changes = [];
  followed = followFolder(folder, (some) => {
    changes.push(...some);
    waiting?.();
  });
});
afterEach(async () => {
  followed.close();
  await rm(folder, { recursive: true });
});

const asking = (prompt: string): string => `prompt: ${prompt}\nfields:\n  text: text\n`;

/** The next change of this kind; those before it are dropped. */
async function next(kind: ProfileChange['kind']): Promise<ProfileChange> {
  for (;;) {
    const change = changes.shift();
    if (change?.kind === kind) return change;
    if (!change) await new Promise<void>((resolve) => (waiting = resolve));
  }
}

const prompts = () => followed.profiles().map(({ name, profile: { prompt } }) => `${name}: ${prompt}`);

describe('a folder of profiles that is followed', () => {
  it('takes up a new file, a changed one and a removed one', async () => {
    await writeFile(join(folder, 'receipt.yaml'), asking('Read it.'));
    expect(await next('new')).toMatchObject({ file: 'receipt.yaml', name: 'receipt' });
    await writeFile(join(folder, 'receipt.yaml'), asking('Read it well.'));
    await next('changed');
    expect(prompts()).toEqual(['receipt: Read it well.', 'shelf: What is on the shelf?']);
    await rm(join(folder, 'receipt.yaml'));
    await next('removed');
    expect(prompts()).toEqual(['shelf: What is on the shelf?']);
  });

  it('keeps the profile of a file that becomes unusable, and says why', async () => {
    await writeFile(join(folder, 'shelf.yaml'), `${asking('Again?')}promt: x\n`);
    expect(await next('refused')).toMatchObject({
      problems: ['shelf.yaml:4:1: a profile has no "promt"; did you mean prompt?'],
    });
    expect(prompts()).toEqual(['shelf: What is on the shelf?']);
    await writeFile(join(folder, 'shelf.yaml'), asking('Again?'));
    await next('changed');
    expect(prompts()).toEqual(['shelf: Again?']);
  });

  it('refuses a profile whose pictures or models cannot be used', async () => {
    const references = 'references: [{ file: a.png, caption: A dent. }]\n';
    await writeFile(join(folder, 'dents.yaml'), `${asking('Any?')}${references}`);
    expect(await next('refused')).toMatchObject({
      problems: [expect.stringContaining('a.png: there is no such file in profiles/references')],
    });
    const step = '{ model: gemini-0, mediaResolution: LOW, thinkingLevel: low, maxOutputTokens: 999 }';
    await writeFile(join(folder, 'dents.yaml'), `${asking('Any?')}ladder: [${step}]\n`);
    expect(await next('refused')).toMatchObject({
      problems: [expect.stringContaining('there is no price for gemini-0')],
    });
  });
});
