import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESCRIPTION, picture } from '../support/pipeline.ts';
import { type CliCloud, jsonLines, startCliCloud, until } from './command-line.ts';

let cloud: CliCloud;

beforeAll(async () => {
  cloud = await startCliCloud();
  await cloud.upload('before.jpg', await picture(1));
  await cloud.settled('before.jpg');
});

afterAll(() => cloud.close());

describe('pipeline watch', () => {
  it('prints each change as it comes, and nothing of what was before', async () => {
    const running = cloud.start(['watch', '--json', '--profile', 'describe']);
    await uploadUntil(
      () => running.stdout().includes('"completed"'),
      async (n) => cloud.upload(`live-${n}.jpg`, await picture(n)),
    );
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const seen = jsonLines(stdout) as { source: { name: string }; status: string }[];
    for (const { source } of seen) expect(source.name).toMatch(/^live-/);
    expect(seen.find(({ status }) => status === 'completed')).toMatchObject({ answer: DESCRIPTION });
  });

  it('names the profiles there are when asked for another one', async () => {
    const running = cloud.start(['watch', '--profile', 'shelves']);
    await until(() => /There are: .*inventory.*\.\n$/.test(running.stderr()));
    running.process.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0, stdout: '' });
  });

  it('can wait for one status alone', async () => {
    const running = cloud.start(['watch', '--status', 'refused']);
    await uploadUntil(
      () => running.stdout().includes('\n'),
      async (n) => {
        await cloud.upload(`fine-${n}.jpg`, await picture(n));
        await cloud.settled(`fine-${n}.jpg`);
        await cloud.upload(`bad-${n}.jpg`, Buffer.from('PK\u0003\u0004 an archive'));
      },
    );
    running.process.kill('SIGINT');
    const { stdout } = await running.ended;
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d {2}✗ refused +bad-\d+\.jpg/);
    expect(stdout).not.toContain('fine-');
  });
});

/** A piped watch says nothing when it begins, so pictures are sent until it has seen one. */
async function uploadUntil(seen: () => boolean, upload: (n: number) => Promise<unknown>): Promise<void> {
  for (let n = 1; n < 30 && !seen(); n += 1) {
    await upload(n);
    await until(seen, 700).catch(() => {});
  }
  expect(seen()).toBe(true);
}
