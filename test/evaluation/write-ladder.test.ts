import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLadder, writeLadder } from '../../cli/evaluate/write-ladder.ts';
import type { Recommendation } from '../../evaluation/recommend.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { variantOf } from './made.ts';

const FILE = `# Who reads receipts.
version: 4
prompt: Read it. # short
fields:
  total: number # in euros
  confidence: { type: number, min: 0, max: 1 }
maxSide: 2048
# Cheap first.
ladder: standard
minConfidence: 0.6
checks:
  # No receipt is dearer.
  - { check: within, field: total, min: 0, max: 900 }
  - { check: distinct, field: total, whenBroken: report }
`;

const variants = [variantOf('gemini-3.5-flash-lite', 'MEDIUM'), variantOf('gemini-3.8-flash', 'HIGH')];
const ladder = {
  steps: variants.map(({ id }) => id),
  minConfidence: 0.85,
  climbing: ['distinct total'],
  maxSide: 1024,
  lane: 'flex',
};

function profileIn(text: string) {
  const read = readProfileText('receipt', text);
  if ('problems' in read) throw new Error(read.problems[0]?.text);
  return read.profile;
}

describe('the recommended ladder in a file', () => {
  it('is what the profile means from then on, and every comment stays', () => {
    const written = withLadder(FILE, profileIn(FILE), variants, ladder);
    const profile = profileIn(written);
    expect(profile).toMatchObject({ version: 5, maxSide: 1024, minConfidence: 0.85, lane: 'flex' });
    expect(profile.ladder.map(({ models, mediaResolution }) => [models[0], mediaResolution])).toEqual([
      ['gemini-3.5-flash-lite', 'MEDIUM'],
      ['gemini-3.8-flash', 'HIGH'],
    ]);
    expect(profile.checks?.map(({ name, reportsOnly = false }) => [name, reportsOnly])).toEqual([
      ['within total 0..900', true],
      ['distinct total', false],
    ]);
    for (const comment of FILE.match(/# .+/g) ?? []) expect(written).toContain(comment);
  });

  it('is not written on a guess', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'write-ladder-'));
    const file = join(folder, 'receipt.yaml');
    await writeFile(file, FILE);
    const of = (verdict: Recommendation['verdict']) =>
      writeLadder(file, profileIn(FILE), variants, {
        verdict,
        says: 'Why.',
        ladder,
      } as unknown as unknown as Recommendation);
    await expect(of('too-few')).rejects.toThrow('The ladder is not written: Why.');
    expect(await readFile(file, 'utf8')).toBe(FILE);
    await of('reached');
    expect(await readFile(file, 'utf8')).toContain('maxSide: 1024');
    await rm(folder, { recursive: true });
  });
});
