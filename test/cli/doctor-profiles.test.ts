import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { changeFindings } from '../../cli/doctor/code.ts';
import { picture } from '../support/pipeline.ts';
import { at, NOW } from './google/addresses.ts';
import { all, type Change, examined, set } from './google/examine.ts';
import { type Row, tellsOf } from './google/rows.ts';
import { forbidden } from './google/server.ts';
import { asking, documentAt } from './google/stored-profiles.ts';

const fileOf = (name: string) => readFileSync(`profiles/${name}.yaml`, 'utf8');

/** The files of this project, pushed, and more. */
const asFiles = (more: Parameters<typeof asking>[0] = {}): Change =>
  asking({
    describe: { version: 1, text: fileOf('describe') },
    inventory: { version: 4, text: fileOf('inventory') },
    moderation: { version: 2, text: fileOf('moderation') },
    ...more,
  });

const RECEIPT =
  'prompt: Read the receipt.\nfields:\n  total: number\n  confidence: { type: number, min: 0, max: 1 }\n';
const DECIDED = `prompt: Is it damaged?
fields: { isDamaged: boolean }
ladder:
  - { model: gemini-decision-1, mediaResolution: HIGH }
`;
const PUSH =
  /npx pipeline profiles push receipt --project my-project-123 --bucket my-project-123-pictures-uploads --database pictures-results/;

const receipt = (text: string, pictures: Record<string, Buffer> = {}): Change =>
  asFiles({ receipt: { version: 3, text, pictures } });

const onVertex: Change = all(
  set(at.function('analyze-image'), 'serviceConfig.environmentVariables.GEMINI_BACKEND', 'vertex'),
  set(at.function('analyze-image'), 'serviceConfig.secretEnvironmentVariables', []),
);
const withBoth = set(
  at.function('analyze-image'),
  'serviceConfig.environmentVariables.GEMINI_BACKEND',
  'vertex',
);
const inBelgium: Change = all(
  set(at.function('analyze-image'), 'serviceConfig.environmentVariables.VERTEX_FAILOVER', 'true'),
  set(at.function('analyze-image'), 'serviceConfig.environmentVariables.GEMINI_LOCATION', 'europe-west1'),
);

/** Of what the deployment asks by, with the rest of a deployment left out of account. */
const aboutProfiles = async (change: Change) => {
  const { topics } = await examined(change);
  return topics.find(({ topic }) => topic === 'Stored profiles')?.findings ?? [];
};

const rows: Row[] = [
  [
    'an active version that is not there',
    all(receipt(RECEIPT), (answers) => answers.delete(documentAt('profiles/receipt/versions/3'))),
    'error',
    /^Version 3 of the profile receipt is active and is not stored: functions ask by an earlier one\.$/,
    PUSH,
  ],
  [
    'a version that this release cannot read',
    all(
      receipt(RECEIPT),
      set(
        documentAt('profiles/receipt/versions/3'),
        'fields.content.stringValue',
        '{"prompt":"Read it.","fields":{"total":"number"},"mood":"kind"}',
      ),
    ),
    'error',
    /^Version 3 of the profile receipt cannot be read by this release, .*: a profile has no "mood"/,
    PUSH,
  ],
  [
    'a list of active versions that says nothing',
    all(asFiles(), set(documentAt('profiles/_active'), 'fields.active', { stringValue: 'all' })),
    'error',
    /^The document profiles\/_active does not say which versions are active/,
    /^Delete it, then store each profile anew/,
  ],
  [
    'an answer that thinking leaves no room for',
    receipt(
      `${RECEIPT}ladder:\n  - { model: gemini-3.8-flash, mediaResolution: HIGH, thinkingLevel: high, maxOutputTokens: 512 }\n`,
    ),
    'warning',
    /^The profile receipt, step 0: 512 output tokens may be used up by thinking/,
    PUSH,
  ],
  [
    'a file that was changed and not pushed',
    asFiles({ inventory: { version: 7, text: `${fileOf('inventory')}\nreviewShare: 0.5\n` } }),
    'warning',
    /^profiles\/inventory\.yaml says something else than version 7, by which pictures are asked\.$/,
    /^npx pipeline profiles diff inventory --project/,
  ],
  [
    'a file whose profile was deleted',
    asking({
      describe: { version: 1, text: fileOf('describe') },
      inventory: { version: 4, text: fileOf('inventory') },
    }),
    'warning',
    /^No picture is asked by profiles\/moderation\.yaml: the profile moderation is not active\.$/,
    /^npx pipeline profiles push moderation --project.*; or delete the file$/,
  ],
];

describe('pipeline doctor on the profiles that a deployment asks by', () => {
  tellsOf(rows);

  it('names each with its version where all is well', async () => {
    expect(await aboutProfiles(receipt(RECEIPT))).toEqual([
      {
        severity: 'ok',
        text: 'Pictures are asked by describe 1, inventory 4, moderation 2 and receipt 3.',
      },
    ]);
  });

  it('has nothing to say of a deployment that no picture has reached', async () => {
    expect(await aboutProfiles(() => {})).toMatchObject([
      { severity: 'ok', text: expect.stringContaining('None is stored yet') },
    ]);
  });

  it('says so when it may not look', async () => {
    const findings = await aboutProfiles((answers) =>
      answers.set(documentAt('profiles/_active'), forbidden('datastore.entities.get')),
    );
    expect(findings).toMatchObject([{ unseen: { subject: 'the stored profiles' } }]);
  });

  it('looks at what each model of theirs is about to become, not of the files', async () => {
    const { profiles } = await examined(
      receipt(
        `${RECEIPT}ladder:\n  - { model: gemini-2.5-flash, mediaResolution: HIGH, thinkingLevel: low, maxOutputTokens: 2048 }\n`,
      ),
    );
    expect(changeFindings(profiles, NOW)[0]?.text).toMatch(
      /^gemini-2\.5-flash is answered by gemini-3\.5-flash-lite from 2026-12-01 on, in 11 days.* receipt\.$/,
    );
  });

  it('asks Gemini whether it knows their models', async () => {
    const { wrong } = await examined(
      receipt(
        `${RECEIPT}ladder:\n  - { model: gemini-2.5-flash, mediaResolution: HIGH, thinkingLevel: low, maxOutputTokens: 2048 }\n`,
      ),
    );
    expect(wrong).toMatchObject([{ text: 'Gemini does not know the model gemini-2.5-flash.' }]);
  });

  describe('with reference pictures', () => {
    const text = `${RECEIPT}references:\n  - { file: receipt/stamp.jpg, caption: A stamp. }\n`;

    it('is content when they are stored', async () => {
      const findings = await aboutProfiles(receipt(text, { 'receipt/stamp.jpg': await picture(1) }));
      expect(findings).toMatchObject([{ severity: 'ok' }]);
    });

    it('names one that is lost, and one that is cut off', async () => {
      const whole = await picture(1);
      const stored = receipt(text, { 'receipt/stamp.jpg': whole });
      const addressIn = (answers: ReadonlyMap<string, unknown>) =>
        [...answers.keys()].find((address) => address.includes('/receipt/pictures/')) ?? '';
      const lost = await aboutProfiles(all(stored, (answers) => answers.delete(addressIn(answers))));
      expect(lost).toEqual([
        {
          severity: 'error',
          text: 'Version 3 of the profile receipt: its reference picture receipt/stamp.jpg is not stored.',
          fix: expect.stringMatching(PUSH),
        },
      ]);
      const half = whole.subarray(0, whole.length / 2).toString('base64');
      const cut = await aboutProfiles(
        all(stored, (answers) => set(addressIn(answers), 'fields.bytes.bytesValue', half)(answers)),
      );
      expect(cut).toMatchObject([{ severity: 'error', text: expect.stringContaining('it is cut off.') }]);
    });
  });

  describe('against the way to Gemini', () => {
    it.each([
      [
        'a lane that regional Vertex AI ignores',
        all(receipt(`${RECEIPT}lane: flex\n`), inBelgium),
        'error',
        /^Vertex AI has flex and priority at its global endpoint only, and GEMINI_LOCATION is europe-west1: .*receipt\.$/,
      ],
      [
        'a gate that Vertex AI does not have',
        all(receipt(`${RECEIPT}gate:\n  - { ask: Does the picture show a receipt? }\n`), onVertex),
        'warning',
        /^The profile receipt has a gate, .*: no picture is refused by it\.$/,
      ],
    ] as const)('tells of %s', async (_what, change, severity, text) => {
      expect(await aboutProfiles(change)).toEqual([
        { severity, text: expect.stringMatching(text), fix: expect.stringMatching(PUSH) },
      ]);
    });

    it('tells of ladders that Vertex AI has nothing of, or not the first step of, unless there is a key too', async () => {
      const decidedOnly = receipt(DECIDED);
      const decidedFirst = receipt(
        `${DECIDED}  - { model: gemini-3.8-flash, mediaResolution: HIGH, thinkingLevel: low, maxOutputTokens: 2048 }\n`,
      );
      const saying = async (change: Change) =>
        (await examined(change)).findings.filter(({ text }) => /^Vertex AI does not have/.test(text));
      expect(await saying(all(decidedOnly, onVertex))).toMatchObject([
        { severity: 'error', text: expect.stringContaining('all that the ladder of receipt has') },
      ]);
      expect(await saying(all(decidedFirst, onVertex))).toMatchObject([
        { severity: 'warning', text: expect.stringContaining('receipt goes on to the next step') },
      ]);
      expect(await saying(all(decidedFirst, withBoth))).toEqual([]);
    });

    it.each([
      ['a lane at the global endpoint', receipt(`${RECEIPT}lane: flex\n`)],
      ['a gate with a key', receipt(`${RECEIPT}gate:\n  - { ask: Does the picture show a receipt? }\n`)],
    ])('has nothing to say of %s', async (_what, change) => {
      expect(await aboutProfiles(change)).toMatchObject([{ severity: 'ok' }]);
    });
  });
});
