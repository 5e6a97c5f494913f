import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  ProfileChanged,
  ProfileDetails,
  ProfileVersionView,
  ProfileView,
} from '../../shared/results/api/profile-views.ts';
import { picture } from '../support/pipeline.ts';
import { checkedToken } from './contract/exchange.ts';
import { answered, idNumber, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

const OPERATOR = 'olga@example.com';
const ANA = 'ana@example.com';

let api: RunningApi;
let name: string;
let count = 0;

beforeAll(async () => {
  api = await startApi({ K_SERVICE: 'api', API_OPERATORS: OPERATOR, FIGURES_CACHE_MS: '0' });
});
afterAll(() => api.close());
beforeEach(() => {
  count += 1;
  name = `receipt-${count}`;
});

const asking = (prompt: string, rest = ''): string =>
  `prompt: ${prompt}\nfields:\n  total: { type: number, nullable: true }\n${rest}`;

async function ask(path: string, method = 'GET', body?: unknown, email = OPERATOR): Promise<Response> {
  return fetch(`${api.url}/v1/profiles${path}`, {
    method,
    headers: {
      Authorization: checkedToken({ email, email_verified: true }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const push = async (text: string, more: object = {}, query = ''): Promise<ProfileChanged> =>
  (await (await ask(`/${name}/versions${query}`, 'POST', { text, ...more })).json()) as ProfileChanged;

const details = async (): Promise<ProfileDetails> => (await (await ask(`/${name}`)).json()) as ProfileDetails;

const listed = async (query = '', email = OPERATOR): Promise<ProfileView[]> =>
  ((await (await ask(query, 'GET', undefined, email)).json()) as { profiles: ProfileView[] }).profiles;

describe('a profile that is pushed', () => {
  it('is listed, shown with its file and its versions, and knows who did it', async () => {
    expect(await push(asking('Read it.'))).toMatchObject({ outcome: 'new', version: 1, isActive: true });
    const second = asking('Read it well.', '# for the cash desk\n');
    const response = await ask(`/${name}/versions`, 'POST', { text: second });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/v1/profiles/${name}/versions/2`);
    expect((await listed()).find((one) => one.name === name)).toMatchObject({ version: 2, isDefault: false });
    expect(await details()).toMatchObject({
      active: { version: 2, isActive: true, text: second, by: OPERATOR },
      versions: [{ version: 2 }, { version: 1, by: OPERATOR }],
      changes: [
        { action: 'push', version: 2 },
        { action: 'push', version: 1 },
      ],
    });
    const first = (await (await ask(`/${name}/versions/1`)).json()) as ProfileVersionView;
    expect(first).toMatchObject({ isActive: false, content: { prompt: 'Read it.' } });
    expect(first.priceUsdPer1000).toBeGreaterThan(0.1);
  });

  it('says what the change is and what it does to the price, before anything is changed', async () => {
    await push(asking('Read it.', 'ladder: small-model\n'));
    const step =
      '{ model: gemini-3.8-flash, mediaResolution: HIGH, thinkingLevel: low, maxOutputTokens: 999 }';
    const dear = asking('Read it well.', `ladder: [${step}]\n`);
    const dry = await push(dear, {}, '?dryRun=true');
    expect(dry).toMatchObject({
      outcome: 'new',
      version: null,
      differences: [
        { path: 'prompt', before: 'Read it.', after: 'Read it well.' },
        { path: 'ladder', before: 'small-model' },
      ],
    });
    expect(dry.priceUsdPer1000).toBeGreaterThan((dry.priceBeforeUsdPer1000 ?? 0) * 2);
    expect((await details()).versions).toHaveLength(1);
  });

  it('is refused whole when it is broken, with the place of each problem', async () => {
    await push(asking('Read it.'));
    const broken = `promt: Read it.\nprompt: x\nfields:\n  total: { type: numbr }\n`;
    const response = await ask(`/${name}/versions`, 'POST', { text: broken });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'INVALID_PROFILE',
      problems: [
        { line: 4, text: 'fields.total.type cannot be "numbr"; did you mean number?' },
        { line: 1, text: 'a profile has no "promt"; did you mean prompt?' },
      ],
    });
    expect(await push(broken, {}, '?dryRun=true')).toMatchObject({
      outcome: 'refused',
      problems: [{ line: 4 }, { line: 1 }],
    });
    expect((await details()).active).toMatchObject({ version: 1, content: { prompt: 'Read it.' } });
  });

  it.each([
    [
      'a model without a price',
      'ladder: [{ model: gemini-0, mediaResolution: LOW, thinkingLevel: low, maxOutputTokens: 9 }]\n',
      'no price',
    ],
    ['a reference picture that is not there', 'references: [{ file: a.png, caption: A. }]\n', 'a.png'],
  ])('is refused for %s', async (_what, rest, sentence) => {
    const response = await ask(`/${name}/versions`, 'POST', { text: asking('Read it.', rest) });
    expect(response.status).toBe(422);
    expect(((await response.json()) as { detail: string }).detail).toContain(sentence);
  });

  it('brings reference pictures along, which later versions keep', async () => {
    const text = (prompt: string) => asking(prompt, 'references: [{ file: a.jpg, caption: A. }]\n');
    const bytes = await picture(1, 64, 48);
    await push(text('One.'), { pictures: [{ file: 'a.jpg', base64: bytes.toString('base64') }] });
    expect(await push(text('Two.'))).toMatchObject({ outcome: 'new', version: 2 });
    expect((await details()).active?.references).toMatchObject([
      { file: 'a.jpg', caption: 'A.', bytes: bytes.length, width: 64, height: 48 },
    ]);
  });

  it('is another version with another picture of the same name, and says that this is the difference', async () => {
    const text = asking('One.', 'references: [{ file: a.jpg, caption: A. }]\n');
    const with_ = async (seed: number) => ({
      pictures: [{ file: 'a.jpg', base64: (await picture(seed, 64, 48)).toString('base64') }],
    });
    await push(text, await with_(1));
    const changed = {
      outcome: 'new',
      differences: [{ path: 'references/a.jpg', before: /^sha256 [0-9a-f]{64}$/, after: /^sha256/ }],
    };
    for (const query of ['?dryRun=true', '']) {
      const { outcome, differences } = await push(text, await with_(2), query);
      expect({ outcome, differences }).toEqual({
        ...changed,
        differences: changed.differences.map(({ path, before, after }) => ({
          path,
          before: expect.stringMatching(before),
          after: expect.stringMatching(after),
        })),
      });
    }
    expect(await push(text, await with_(1), '?dryRun=true')).toMatchObject({
      outcome: 'activated',
      version: 1,
    });
  });

  it.each([
    ['what is active', 'Two.', {}, { outcome: 'unchanged', version: 2, isActive: true }],
    ['an older version', 'One.', {}, { outcome: 'activated', version: 1, isActive: true }],
    [
      'an older one, to be tried',
      'One.',
      { activate: false },
      { outcome: 'unchanged', version: 1, isActive: false },
    ],
    ['something new, to be tried', 'Three.', { activate: false }, { outcome: 'new', isActive: false }],
  ])('comes to what its dry run says: %s', async (_what, prompt, more, expected) => {
    await push(asking('One.'));
    await push(asking('Two.'));
    expect(await push(asking(prompt), more, '?dryRun=true')).toMatchObject(expected);
    expect((await details()).active).toMatchObject({ version: 2 });
    expect(await push(asking(prompt), more)).toMatchObject(expected);
  });

  it('is compared with what the editor began from', async () => {
    await push(asking('One.'), { basedOn: null });
    await push(asking('Two.'), { basedOn: 1 });
    const response = await ask(`/${name}/versions`, 'POST', { text: asking('Three.'), basedOn: 1 });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'PROFILE_CHANGED' });
  });

  it('is rolled back and deleted by one request each, and brought back', async () => {
    await push(asking('One.'));
    await push(asking('Two.'));
    const back = (await (await ask(`/${name}/rollback`, 'POST')).json()) as ProfileChanged;
    expect(back).toMatchObject({
      outcome: 'activated',
      version: 1,
      differences: [{ path: 'prompt', before: 'Two.', after: 'One.' }],
    });
    expect((await ask(`/${name}`, 'DELETE')).status).toBe(204);
    expect((await listed()).map((one) => one.name)).not.toContain(name);
    expect(await details()).toMatchObject({
      active: null,
      changes: [{ action: 'delete', version: null }, {}, {}, {}],
    });
    expect((await ask(`/${name}/rollback`, 'POST', { to: 2 })).status).toBe(200);
    expect((await listed()).find((one) => one.name === name)).toMatchObject({ version: 2 });
  });

  it('may be tried by an upload before it is active', async () => {
    await push(asking('One.'));
    expect(await push(asking('Two.'), { activate: false })).toMatchObject({ version: 2, isActive: false });
    const submit = (version: number) =>
      fetch(`${api.url}/v1/images?profile=${name}&profileVersion=${version}`, {
        method: 'POST',
        headers: { Authorization: checkedToken({ email: ANA }), 'Content-Type': 'image/jpeg' },
        body: 'picture',
      });
    const accepted = await submit(2);
    expect(accepted.status).toBe(202);
    const { name: object } = (await accepted.json()) as { name: string };
    const [{ metadata }] = await api.storage.bucket('uploads').file(object).getMetadata();
    expect(metadata).toMatchObject({ profile: name, 'profile-version': '2' });
    expect(await (await submit(3)).json()).toMatchObject({ code: 'UNKNOWN_VERSION' });
  });
});

describe('who is no operator', () => {
  it.each([
    ['push', '/versions', 'POST', { text: asking('Mine.') }],
    ['roll back', '/rollback', 'POST', {}],
    ['delete', '', 'DELETE', undefined],
  ])('may not %s a profile', async (_what, path, method, body) => {
    await push(asking('One.'));
    const response = await ask(`/${name}${path}`, method, body, ANA);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'NOT_OPERATOR' });
    expect((await details()).active?.version).toBe(1);
  });

  it('reads profiles, and neither who changed them nor how they are used', async () => {
    await push(asking('One.'));
    const shown = (await (await ask(`/${name}`, 'GET', undefined, ANA)).json()) as ProfileDetails;
    expect(shown.versions).toMatchObject([{ version: 1, by: null }]);
    expect((await listed('?days=7', ANA)).every(({ use }) => use === undefined)).toBe(true);
  });
});

describe('the list of profiles', () => {
  it('tells operators how much each is used, at what price, and how often it is right', async () => {
    const day = new Date(Date.now()).toISOString().slice(0, 10);
    await api.firestore.doc(`spend/pipeline_${day}/shards/one`).set({
      total: { images: 4, nanoUsd: 2_000_000 },
      profiles: { inventory: { images: 4, nanoUsd: 2_000_000 } },
    });
    const now = Date.now();
    for (const [i, verdict] of (['right', 'wrong', 'right'] as const).entries()) {
      const given = answered(now);
      const feedback = { verdict, by: null, at: new Date(now), answer: given.answer ?? {} };
      await api.write(idNumber(0x700 + i), { ...resultAt(now, given), profileVersion: 2, feedback });
    }
    expect((await listed('?days=2')).find((one) => one.name === 'inventory')?.use).toEqual({
      days: 2,
      images: 4,
      usdPer1000: 0.5,
      judged: 3,
      right: 2,
    });
  });
});

describe('the default profile', () => {
  it('cannot be deleted: pictures that ask for none are asked by it', async () => {
    expect(await (await ask('/describe', 'DELETE')).json()).toMatchObject({ code: 'PROFILE_NEEDED' });
  });
});
