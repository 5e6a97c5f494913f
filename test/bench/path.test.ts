import { expect, it } from 'vitest';
import { run } from '../../bench/path.ts';

it('one small picture runs through at most 25 files of ours in resize-image and 50 in analyze-image', async () => {
  const { figures } = await run({ short: true, progress: () => undefined });
  expect(figures.map(({ name, met }) => ({ name, met }))).toEqual([
    { name: 'files of ours, one picture, resize-image', met: true },
    { name: 'files of ours, one picture, analyze-image', met: true },
  ]);
});
