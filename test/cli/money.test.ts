import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../support/pipeline.ts';
import { type CliCloud, startCliCloud } from './command-line.ts';

let cloud: CliCloud;

beforeAll(async () => {
  cloud = await startCliCloud();
  const json = { caption: 'A wall.', tags: ['wall'], visibleText: '', confidence: 0.9 };
  cloud.model.behave({ script: [{ json, times: 100 }] });
  for (const [name, seed, uploader] of [
    ['a.jpg', 1, 'ana'],
    ['b.jpg', 2, 'ben'],
    ['again.jpg', 1, 'ana'],
  ] as const) {
    await cloud.upload(name, await picture(seed), { uploader });
    await cloud.settled(name);
  }
});
afterAll(() => cloud.close());

describe('pipeline cost', () => {
  it('shows what was spent and saved, with today’s budget', async () => {
    const { stdout, code } = await cloud.run(['cost']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/DAY +IMAGES +REPEATED +CALLS +TOKENS +USD +USD\/1000/);
    expect(stdout).toMatch(/\d{4}-\d\d-\d\d +3 +1 +2 /);
    expect(stdout).toContain('Saved by repeating answers $0.000');
    expect(stdout).toContain("Of today's budget of $10.00");
  });

  it('gives everything as JSON, by day, profile, model and uploader', async () => {
    const { stdout } = await cloud.run(['cost', '--json']);
    const report = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(report['total']).toMatchObject({ images: 3, cacheHits: 1, calls: 2, lostUsd: 0 });
    expect(report['uploaders']).toMatchObject({ ana: { images: 2, calls: 1 }, ben: { images: 1, calls: 1 } });
    expect(report['models']).toMatchObject({ 'gemini-3.5-flash-lite': { calls: 2 } });
    expect(report['profiles']).toMatchObject({ describe: { images: 3 } });
    expect(report['budget']).toMatchObject({ limitUsd: 10 });
  });

  it('puts estimates and bill side by side, and does not judge by a few calls', async () => {
    const { stdout } = await cloud.run(['cost']);
    expect(stdout).toMatch(/\nThe calls were estimated at \$0\.\d{4}, the bill is \$0\.\d{4}\.\n/);
    expect(stdout).not.toContain('10 %');
  });

  it('says that steps up the ladder come on top of the estimate, and raises no alarm', async () => {
    const unsure = { caption: 'A wall?', tags: [], visibleText: '', confidence: 0.1 };
    const sure = { ...unsure, confidence: 0.9 };
    cloud.model.behave({ script: [{ json: unsure }, { json: sure, times: 100 }] });
    await cloud.upload('climbs.jpg', await picture(9));
    await cloud.settled('climbs.jpg');
    const { stdout } = await cloud.run(['cost']);
    expect(stdout).toMatch(
      /\nThe first calls were estimated at \$0\.\d{4}; the bill of \$0\.\d{4} includes 1 further call: repairs and steps up the ladder\.\n/,
    );
    expect(stdout).not.toContain('10 %');
  });

  it('names what costs can be counted by when asked for something else', async () => {
    const { stderr, code } = await cloud.run(['cost', '--by', 'moon']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('day, profile, model, uploader');
  });
});

describe('pipeline prices check', () => {
  it('prices the tokens of the last days again and finds what was recorded', async () => {
    const { stdout, code } = await cloud.run(['prices', 'check']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/MODEL +CALLS +RECORDED +AT THIS TABLE +PRICES ARE/);
    expect(stdout).toMatch(/gemini-3\.5-flash-lite +\d+ +(\$0\.\d{4}) +\1 +published/);
    expect(stdout).toContain('The table gives what was recorded.');
  });

  it('ends with 1 when Google billed something else', async () => {
    const { stdout, code } = await cloud.run(['prices', 'check', '--billed', '12.50']);
    expect(code).toBe(1);
    expect(stdout).toContain('Google billed $12.5000, $0.00');
  });

  it('refuses an amount that is none', async () => {
    expect((await cloud.run(['prices', 'check', '--billed', '12 EUR'])).stderr).toContain('US dollars');
  });
});

describe('pipeline pause and resume', () => {
  it('stop the model calls and let them go on', async () => {
    expect((await cloud.run(['pause', '--for', '2h', '--reason', 'checking the bill'])).stdout).toMatch(
      /^Paused until .*: checking the bill/,
    );
    expect((await cloud.run(['resume'])).stdout).toContain('Resumed');
  });

  it('stop the calls of one model and let them go on', async () => {
    const paused = await cloud.run(['pause', '--model', 'gemini-3.8-flash']);
    expect(paused.stdout).toBe(
      'Paused gemini-3.8-flash until pipeline resume --model gemini-3.8-flash: paused by hand\n',
    );
    expect((await cloud.run(['resume'])).stdout).toContain('Resumed gemini-3.8-flash.');
  });

  it('refuse a time that is none', async () => {
    expect((await cloud.run(['pause', '--for', 'long'])).stderr).toContain('30m, 2h or 1d');
  });
});
