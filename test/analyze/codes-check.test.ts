import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import { climb } from '../../shared/model/ladder.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import { lookForCodes } from '../../shared/model/read-codes.ts';
import type { ModelRequest } from '../../shared/model/request.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { drawLabel, plainPicture } from '../local/label-pictures.ts';
import { builtIn } from '../support/built-in.ts';
import { DESCRIPTION, type Pipeline, startPipeline } from '../support/pipeline.ts';

const describeProfile = builtIn('describe');
const inventory = builtIn('inventory');

interface Compiler {
  instantiate(...args: unknown[]): unknown;
}

const EAN = '4006381333931';
const CHECK = 'printed-codes';

const shelf = (...skus: string[]) => ({
  shelfId: null,
  items: skus.map((sku) => ({ sku, quantity: 2, condition: 'new' })),
  confidence: 0.95,
});

const labelWith = (text: string, format: 'EAN13' | 'QRCode' = 'EAN13', line = 'Pencils') =>
  drawLabel({ lines: [line], barcode: { text, format } });

describe('in the pipeline, a barcode in the picture', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await startPipeline();
  });
  afterAll(() => pipeline.close());

  const analyzed = async (name: string, bytes: Buffer, ...answers: ReturnType<typeof shelf>[]) => {
    pipeline.model.reset();
    pipeline.model.behave({ script: answers.map((json) => ({ json })) });
    await pipeline.upload(`inventory/${name}`, bytes);
    return pipeline.settled(`inventory/${name}`);
  };

  it('that the answer leaves out makes it climb, however sure the answer is', async () => {
    const document = await analyzed(
      'missing.jpg',
      await labelWith(EAN, 'EAN13', 'One'),
      shelf('5901234123457'),
      shelf(EAN),
    );
    expect(document).toMatchObject({
      status: 'completed',
      answer: { items: [{ sku: EAN }] },
      model: { step: 1, checks: expect.arrayContaining([{ name: CHECK, passed: true }]) },
      attempts: [{ outcome: 'failed-check' }, { outcome: 'ok' }],
    });
  });

  it('that the answer has completes at the first step', async () => {
    expect(await analyzed('there.jpg', await labelWith(EAN, 'EAN13', 'Two'), shelf(EAN))).toMatchObject({
      status: 'completed',
      model: { step: 0, checks: expect.arrayContaining([{ name: CHECK, passed: true }]) },
      attempts: [{ outcome: 'ok' }],
    });
  });

  it('is not asked for where there is none', async () => {
    expect(await analyzed('none.jpg', await drawLabel({ lines: ['Pencils'] }), shelf('A-1'))).toMatchObject({
      model: { step: 0, checks: expect.arrayContaining([{ name: CHECK, passed: true }]) },
    });
  });
});

describe('a question', () => {
  let model: GeminiSimulator;
  const compile = vi.spyOn(Reflect.get(globalThis, 'WebAssembly') as Compiler, 'instantiate');
  let sent: ModelRequest['image'];
  const errors: string[] = [];
  beforeAll(async () => {
    // The drawing's own library is loaded before the reader's loading is watched.
    await drawLabel({ lines: [], barcode: { text: EAN, format: 'EAN13' } });
    sent = { mimeType: 'image/jpeg', base64: (await plainPicture('#fff')).toString('base64') };
    model = await startGeminiSimulator();
  });
  beforeEach(() => {
    model.reset();
    compile.mockClear();
    errors.length = 0;
  });
  afterAll(async () => {
    compile.mockRestore();
    await model.close();
  });

  const stored = (bytes: Buffer) => {
    const read = vi.fn(async () => bytes.toString('base64'));
    return { mimeType: 'image/jpeg', uri: 'gs://prepared/a.jpg', read, exists: async () => true };
  };
  const ask = (profile: Profile, image: ModelRequest['image'], answers: object[]) => {
    model.behave({ script: answers.map((json) => ({ json: json as ReturnType<typeof shelf> })) });
    // The picture that is named is not read for the model here, only for checks.
    const call = createDeveloperApi({ apiKey: 'a-key', baseUrl: model.url });
    const log = { error: (event: string) => errors.push(event) };
    return climb(
      {
        profile,
        prompt: composePrompt(profile, []),
        image,
        call: (request, signal) => call({ ...request, image: sent }, signal),
        codes: lookForCodes(image, log),
        charges: {
          at: () => ({ begin: async () => ({ answered: () => undefined, failed: () => undefined }) }),
          judged: () => undefined,
        },
      },
      new AbortController().signal,
    );
  };
  const passed = async (image: Buffer, ...skus: string[]) => {
    const answers = Array.from({ length: 3 }, () => shelf(...skus));
    const { checks } = (await ask(inventory, stored(image), answers)).model;
    return checks.find(({ name }) => name === CHECK)?.passed;
  };

  it('of a profile without such a check reads no picture and loads no reader', async () => {
    const image = stored(await labelWith(EAN));
    await ask(describeProfile, image, [DESCRIPTION]);
    expect(image.read).not.toHaveBeenCalled();
    expect(compile).not.toHaveBeenCalled();
  });

  it('that climbs to the top loads the reader and reads the picture once', async () => {
    const image = stored(await labelWith(EAN));
    const { model: use } = await ask(inventory, image, [shelf(), shelf(), shelf()]);
    expect(use).toMatchObject({ step: 0, checks: expect.arrayContaining([{ name: CHECK, passed: false }]) });
    expect(model.calls()).toHaveLength(3);
    expect(image.read).toHaveBeenCalledOnce();
    expect(compile).toHaveBeenCalledOnce();
  });

  it.each([
    ['grouped by spaces', EAN, 'EAN13', '4 006381 333931', true],
    ['with the zeros of a GTIN-14 before it', EAN, 'EAN13', `0${EAN}`, true],
    ['as the part of a longer code that names the goods', `01${EAN}10LOT7`, 'QRCode', EAN, true],
    ['in another case', 'sku-77a', 'QRCode', 'SKU-77A', true],
    ['with a digit that differs', EAN, 'EAN13', '4006381333932', false],
    ['not, and need not if it is an address', 'https://shop.example/p/1', 'QRCode', 'B-2000', true],
  ] as const)('holds a code in the answer %s', async (_, text, format, sku, expected) => {
    expect(await passed(await labelWith(text, format), sku)).toBe(expected);
  });

  it('is answered without the check when the picture cannot be read, and the log says so', async () => {
    const image = stored(await plainPicture('#fff'));
    image.read.mockRejectedValue(new Error('Storage is away.'));
    const { model: use, answer } = await ask(inventory, image, [shelf('A-1')]);
    expect(answer).toMatchObject({ items: [{ sku: 'A-1' }] });
    expect(use.checks.map(({ name }) => name)).not.toContain(CHECK);
    expect(errors).toEqual(['analyze.codes-unread']);
  });
});
