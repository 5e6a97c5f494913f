import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { changeFindings, codeJsonFindings, priceFindings, profileFindings } from '../../cli/doctor/code.ts';
import { diskFinding } from '../../cli/doctor/local.ts';
import { decisionFindings, keyFindings, modelFindings } from '../../cli/doctor/model.ts';
import { PRICE_TABLE } from '../../shared/prices/table.ts';
import { decisionStep } from '../../shared/profiles/decision-step.ts';
import { defineProfile, type LadderStep } from '../../shared/profiles/define.ts';

const STEP: LadderStep = {
  models: ['gemini-3.5-flash-lite'],
  mediaResolution: 'MEDIUM',
  thinkingLevel: 'minimal',
  maxOutputTokens: 2048,
};

const profile = (changes: Partial<Parameters<typeof defineProfile>[0]> = {}) =>
  defineProfile({
    name: 'labels',
    version: 1,
    prompt: 'Read the label.',
    schema: z.object({ text: z.string(), confidence: z.number() }),
    maxSide: 1024,
    ladder: [STEP],
    minConfidence: 0.5,
    cacheTtlHours: 1,
    ...changes,
  });

const asks = (model: string, thinkingLevel: LadderStep['thinkingLevel'] = 'low') => [
  profile({ ladder: [{ ...STEP, models: [model], thinkingLevel }] }),
];
const at = (day: string) => Date.parse(`${day}T12:00:00Z`);

describe('pipeline doctor on prices', () => {
  it.each([
    [
      'a model without a price',
      asks('gemini-9'),
      '2026-11-20',
      'error',
      /^Profile labels, step 0: there is no price for gemini-9/,
    ],
    [
      'a model before its first price',
      asks('gemini-4-argon'),
      '2026-09-01',
      'error',
      /gemini-4-argon has no price for 2026-09-01/,
    ],
    [
      'a name that another model answers within 30 days',
      asks('gemini-3.7-flash'),
      '2026-09-20',
      'warning',
      /will be answered by gemini-3\.8-flash from 2026-10-08 on, at its price/,
    ],
    [
      'a thinking level that the model does not have',
      asks('gemini-3.5-flash-lite', 'xhigh'),
      '2026-11-20',
      'warning',
      /step 0: the API refuses thinkingLevel xhigh of gemini-3\.5-flash-lite, which takes minimal, low, medium, high/,
    ],
    [
      'a model that has a budget for thinking instead of levels',
      asks('gemini-2.5-flash-lite'),
      '2026-11-20',
      'warning',
      /thinkingLevel low of gemini-2\.5-flash-lite, which takes no thinkingLevel/,
    ],
    [
      'a name that another model answers',
      asks('gemini-2.5-flash'),
      '2026-12-01',
      'warning',
      /has been answered by gemini-3\.5-flash-lite since 2026-12-01/,
    ],
  ] as const)('tells of %s', (_, profiles, day, severity, text) => {
    expect(priceFindings(undefined, profiles, at(day))).toEqual([
      { severity, text: expect.stringMatching(text), fix: expect.stringContaining('shared/prices/table.ts') },
    ]);
  });

  it('is content with a model that lasts, and long before an end', () => {
    expect(priceFindings(undefined, asks('gemini-3.8-flash'), at('2026-11-20'))).toMatchObject([
      { severity: 'ok' },
    ]);
    expect(priceFindings(undefined, asks('gemini-3.7-flash'), at('2026-09-07'))).toMatchObject([
      { severity: 'ok' },
    ]);
  });

  it('warns of a change of price in time, with the command that tries what could follow', () => {
    const severities = ['2026-11-20', '2026-12-02', '2026-12-25'].map(
      (day) => changeFindings(asks('gemini-3.8-flash'), at(day))[0]?.severity,
    );
    expect(severities).toEqual(['ok', 'warning', 'warning']);
    expect(changeFindings(asks('gemini-3.8-flash'), at('2026-12-02'))).toEqual([
      {
        severity: 'warning',
        text: expect.stringMatching(
          /^The price of gemini-3\.8-flash changes on 2027-01-01, in 30 days, at 2\.00 times/,
        ),
        fix: expect.stringMatching(/^npx pipeline evaluate LABELS --profile \S+ --successors$/),
      },
    ]);
    expect(changeFindings(asks('gemini-3.5-flash-lite'), at('2026-11-20'))).toMatchObject([
      { severity: 'ok' },
    ]);
  });

  it('says who states each price', () => {
    expect(priceFindings(undefined, asks('gemini-3.8-flash'), at('2026-11-20'))[0]?.text).toBe(
      'Every model of the ladders has a price on 2026-11-20 (gemini-3.8-flash published).',
    );
    expect(priceFindings(undefined, asks('gemini-4-neon'), at('2026-11-20'))[0]?.text).toContain(
      '(gemini-4-neon second-hand)',
    );
  });

  it('says it of the lane of the profile, and of what the gate asks', () => {
    const gate = [{ ask: 'Does it show a label?' }];
    const [asking = profile()] = asks('gemini-3.8-flash');
    expect(priceFindings(undefined, [{ ...asking, lane: 'priority', gate }], at('2026-11-20'))).toEqual([
      {
        severity: 'ok',
        text: expect.stringContaining(
          '(gemini-3.8-flash/priority second-hand and gemini-decision-1 published)',
        ),
      },
    ]);
    const [carbon = profile()] = asks('gemini-4-carbon');
    expect(priceFindings(undefined, [{ ...carbon, patience: '15m' }], at('2026-11-20'))).toMatchObject([
      { severity: 'warning', text: expect.stringContaining('There is no price for gemini-4-carbon/flex') },
    ]);
  });

  it('tells of every mistake in the table', () => {
    const table = structuredClone(PRICE_TABLE) as unknown as {
      models: { rows: { standard: { input: number } }[] }[];
    };
    const [first, second] = table.models;
    if (first?.rows[0]) first.rows[0].standard.input = -1;
    if (second?.rows[0]) second.rows[0].standard.input = -2;
    const findings = priceFindings(table, [profile()], at('2026-11-20'));
    expect(findings).toHaveLength(2);
    expect(findings[0]?.text).toMatch(
      /3\.5-flash-lite\.rows\.0\.standard\.input: a price is never negative\.$/,
    );
  });
});

describe('pipeline doctor on profiles', () => {
  it('is content with one that the API takes', () => {
    expect(profileFindings([profile()])).toEqual([
      { severity: 'ok', text: 'The API takes the schemas of labels.' },
    ]);
  });

  it.each([
    [
      'a schema that the API does not know',
      [{ ...profile(), schema: z.object({ a: z.record(z.string(), z.number()), confidence: z.number() }) }],
      'error',
      /^The profile labels: a: keys that are not known beforehand cannot be asked for; write z\.array/,
    ],
    [
      'a confidence that no answer has',
      [profile({ schema: z.object({ text: z.string() }) })],
      'warning',
      /no field confidence/,
    ],
    [
      'an answer that thinking leaves no room for',
      [profile({ ladder: [{ ...STEP, thinkingLevel: 'high', maxOutputTokens: 1024 }] })],
      'warning',
      /step 0: 1024 output tokens may be used up/,
    ],
    ['two of one name', [profile(), profile()], 'error', /two profiles named labels/],
  ] as const)('tells of %s', (_, profiles, severity, text) => {
    expect(profileFindings(profiles)).toEqual([
      { severity, text: expect.stringMatching(text), fix: expect.stringMatching(/profiles\//) },
    ]);
  });
});

describe('pipeline doctor on what Terraform knows of the queries', () => {
  it.each([
    ['in step', '{}\n', 'ok', /has the indexes/],
    ['behind', '{"old":1}\n', 'error', /not as the code says/],
    ['missing', '', 'error', /is missing/],
  ])('sees when it is %s', (_, written, severity, text) => {
    expect(codeJsonFindings(written, '{}\n')).toMatchObject([
      { severity, text: expect.stringMatching(text) },
    ]);
  });
});

describe('pipeline doctor on the disk', () => {
  it.each([
    [50_000_000, 'error', '50.0 MB are free in /data: uploads will be refused.'],
    [500_000_000, 'warning', '500 MB are free in /data.'],
    [20_000_000_000, 'ok', '20.0 GB are free in /data.'],
  ])('judges %d bytes', (free, severity, text) => {
    expect(diskFinding('/data', free)).toMatchObject({ severity, text });
  });
});

describe('pipeline doctor on decisions', () => {
  const schema = z.object({ damaged: z.boolean() });
  const first = profile({ name: 'first', schema, ladder: [decisionStep('LOW'), STEP] });
  const alone = profile({ name: 'alone', schema, ladder: [decisionStep('LOW')] });

  it('is content with a ladder that begins with them, though no answer states a confidence', () => {
    expect(profileFindings([first])).toMatchObject([{ severity: 'ok' }]);
  });

  it('says what becomes of them with Vertex AI, which has no model for that', () => {
    expect(decisionFindings([profile(), first, alone])).toMatchObject([
      { severity: 'warning', text: expect.stringContaining('first goes on to the next step of its ladder') },
      { severity: 'error', text: expect.stringContaining('all that the ladder of alone has') },
    ]);
    expect(decisionFindings([profile()])).toEqual([]);
  });

  it('warns of a preview that Gemini does not list, because it may answer all the same', () => {
    const [model] = decisionStep('LOW').models;
    expect(modelFindings(model, { state: 'missing' })).toMatchObject([
      { severity: 'warning', text: expect.stringContaining('does not list gemini-decision-1') },
    ]);
    const methods = { name: `models/${model}`, supportedGenerationMethods: ['createDecision'] };
    expect(modelFindings(model, { state: 'found', value: methods })).toEqual([]);
  });
});

describe('pipeline doctor on API keys', () => {
  it('points out one of the old form, without showing it', () => {
    const [finding] = keyFindings('AIzaSyNOTAREALKEY\n');
    expect(finding).toMatchObject({ severity: 'warning', fix: expect.stringContaining('auth key') });
    expect(JSON.stringify(finding)).not.toContain('NOTAREALKEY');
  });

  it.each([['AQ.Ab8-not-a-key'], [undefined]])('has nothing to say of %s', (key) => {
    expect(keyFindings(key)).toEqual([]);
  });
});
