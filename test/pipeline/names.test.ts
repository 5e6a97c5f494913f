import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline.close());

describe('an object name', () => {
  it.each([
    ['unicode', 'describe/Ærø – 店の窓 🛒.jpg'],
    ['spaces', 'describe/a  b c .jpg'],
    ['a hash', 'describe/#1.jpg'],
    ['a question mark', 'describe/what?.jpg'],
    ['an encoded slash', 'describe/a%2Fb.jpg'],
    ['loader options', 'describe/a.jpg[0]'],
    ['dots that climb', 'describe/../../etc/passwd.jpg'],
    ['shell characters', 'describe/$(touch x);`id`|&.jpg'],
    ['no folder and no ending', 'photo'],
    ['1,024 bytes', `describe/${'é'.repeat(507)}x`],
  ])('with %s is answered under exactly that name', async (_, name) => {
    await pipeline.upload(name, await picture(name.length));
    expect(await pipeline.settled(name)).toMatchObject({ status: 'completed', source: { name } });
  });
});
