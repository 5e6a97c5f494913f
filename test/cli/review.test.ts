import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../support/pipeline.ts';
import { type CliCloud, jsonLines, startCliCloud } from './command-line.ts';

const UNSURE = { caption: 'A shelf, perhaps.', tags: [], visibleText: '', confidence: 0.2 };

let cloud: CliCloud;

beforeAll(async () => {
  cloud = await startCliCloud();
  cloud.model.behave({ script: [{ json: UNSURE, times: 1_000 }] });
  for (const [name, n] of [
    ['describe/first.jpg', 1],
    ['describe/second.jpg', 2],
  ] as const) {
    await cloud.upload(name, await picture(n));
    await cloud.settled(name);
  }
});
afterAll(() => cloud.close());

describe('pipeline review', () => {
  it('lists the answers that no model was sure of, takes one and stores the verdict', async () => {
    const listed = await cloud.run(['review']);
    expect(listed.stdout).toMatch(/not sure +describe\/first\.jpg/);
    expect(listed.stdout.trimEnd().split('\n')).toHaveLength(3);

    const taken = JSON.parse((await cloud.run(['review', 'next', '--json'])).stdout) as { id: string };
    expect(taken).toMatchObject({ review: { because: 'unsure', isHeld: true }, answer: UNSURE });
    const other = JSON.parse((await cloud.run(['review', 'next', '--json'])).stdout) as { id: string };
    expect(other.id).not.toBe(taken.id);

    const judged = await cloud.run(['review', 'right', taken.id, '--by', 'ana', '--note', 'well seen']);
    expect(judged.code).toBe(0);
    const shown = JSON.parse((await cloud.run(['show', taken.id, '--json'])).stdout) as object;
    expect(shown).toMatchObject({ feedback: { verdict: 'right', by: 'ana', note: 'well seen' } });
    expect(shown).not.toHaveProperty('review');
  });

  it('says what cannot be judged', async () => {
    const { code, stderr } = await cloud.run(['review', 'wrong', 'describe/none.jpg']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('There is no result for describe/none.jpg.');
  });

  it('lets an export leave out what nobody has judged', async () => {
    const all = jsonLines((await cloud.run(['export'])).stdout);
    const reviewed = jsonLines((await cloud.run(['export', '--reviewed'])).stdout);
    expect(all).toHaveLength(2);
    expect(reviewed).toMatchObject([{ review: 'right', reviewedBy: 'ana' }]);
  });
});
