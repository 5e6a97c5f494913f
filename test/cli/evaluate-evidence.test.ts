import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../evaluation/evaluation.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { accessibilityViolations, launchBrowser, whyNoBrowser } from '../browser/chromium.ts';
import { drawLabel } from '../local/label-pictures.ts';
import { runCommand } from './command-line.ts';

const PROFILE = `
prompt: Read the shelf label.
ladder: [{ model: gemini-3.5-flash-lite, mediaResolution: HIGH, thinkingLevel: minimal, maxOutputTokens: 2048 }]
fields:
  shelfId: text
  items: { max: 20, listOf: { fields: { sku: text, quantity: integer } } }
  confidence: { type: number, min: 0, max: 1 }
`;

/** The second article is misread; the model lists it first. */
const ANSWER = {
  shelfId: 'A-12',
  items: [
    { sku: '2Z22', quantity: 60 },
    { sku: '1111', quantity: 5 },
  ],
  confidence: 0.9,
};
const LABEL = {
  shelfId: 'A-12',
  items: [
    { sku: '1111', quantity: 5 },
    { sku: '2222', quantity: 60 },
  ],
};
const BOX = { top: 440, left: 200, bottom: 500, right: 480 };
const EVIDENCE = [
  { field: 'shelfId', box_2d: [220, 370, 285, 490] },
  { field: 'items[0].sku', box_2d: [BOX.top, BOX.left, BOX.bottom, BOX.right] },
  { field: 'items[1].sku', box_2d: [330, 200, 395, 450] },
];

let model: GeminiSimulator;
let folder: string;
let withBoxes: Evaluation;
let without: Evaluation;

beforeAll(async () => {
  model = await startGeminiSimulator();
  folder = await mkdtemp(join(tmpdir(), 'evaluate-evidence-'));
  await mkdir(join(folder, 'labels'));
  const lines = ['SHELF A-12', 'SKU-1111 QTY 5', 'SKU-2222 QTY 60'];
  await writeFile(join(folder, 'labels/shelf.jpg'), await drawLabel({ lines }));
  await writeFile(join(folder, 'labels/shelf.json'), JSON.stringify(LABEL));
  without = await evaluated('plain', PROFILE, ANSWER);
  withBoxes = await evaluated('boxes', `evidence: boxes\n${PROFILE}`, { ...ANSWER, evidence: EVIDENCE });
});
afterAll(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

async function evaluated(name: string, profile: string, json: object): Promise<Evaluation> {
  await writeFile(join(folder, `${name}.yaml`), profile);
  model.behave({ script: [{ json: json as Record<string, string> }] });
  const ended = await runCommand(
    ['evaluate', 'labels', '-p', `${name}.yaml`, '--yes', '--run', name, '--json'],
    { cwd: folder, env: { GEMINI_API_KEY: 'k', GEMINI_BASE_URL: model.url } },
  );
  expect(ended).toMatchObject({ code: 0 });
  return JSON.parse(ended.stdout) as Evaluation;
}

const read = (file: string) => readFile(join(folder, file), 'utf8');

describe('pipeline evaluate of a profile with boxes', () => {
  it('says what they take of the price, close to what the same answer costs more with them', async () => {
    const [figures] = withBoxes.variants;
    const [before] = without.variants;
    if (!figures?.evidence || !before) throw new Error('There are no figures of the boxes.');
    expect(figures.evidence.boxesPerAnswer).toBe(3);
    expect(before).not.toHaveProperty('evidence');
    const more = figures.usdPer1000 - before.usdPer1000;
    expect(figures.evidence.usdPer1000 / more).toBeGreaterThan(0.8);
    expect(figures.evidence.usdPer1000 / more).toBeLessThan(1.3);
    const moreOutput = figures.tokens.output - before.tokens.output;
    expect(figures.evidence.output / moreOutput).toBeGreaterThan(0.8);
    expect(figures.evidence.output / moreOutput).toBeLessThan(1.3);
    expect(await read('boxes/report.md')).toMatch(
      /evidence takes \d+ \+ \d+ tokens, \$0\.\d+ of the price of 1,000/,
    );
    expect(await read('plain/report.md')).not.toContain('evidence takes');
  });

  it('keeps with a wrong value where it was read, in whatever order the answer has its entries', () => {
    expect(withBoxes.documents[0]?.wrong).toEqual([
      { field: 'items[].sku', at: 'items[1].sku', expected: '2222', given: '2Z22', box: BOX },
    ]);
    expect(without.documents[0]?.wrong[0]).not.toHaveProperty('box');
  });

  it.skipIf(whyNoBrowser !== undefined)(
    'shows the place in the report by hover and by focus, without a script',
    async () => {
      expect(await read('boxes/report.html')).not.toContain('<script');
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage();
        await page.goto(pathToFileURL(join(folder, 'boxes/report.html')).href);
        const row = page.locator('.picture tr[tabindex]');
        const box = page.locator('.picture .box');
        expect(await box.isVisible()).toBe(false);
        await row.hover();
        expect(await box.isVisible()).toBe(true);
        await page.mouse.move(0, 0);
        expect(await box.isVisible()).toBe(false);
        await row.focus();
        const [drawn, whole] = [await box.boundingBox(), await page.locator('.picture img').boundingBox()];
        if (!drawn || !whole) throw new Error('Nothing is drawn.');
        expect((drawn.y - whole.y) / whole.height).toBeCloseTo(BOX.top / 1000, 1);
        expect((drawn.x - whole.x) / whole.width).toBeCloseTo(BOX.left / 1000, 1);
        expect(drawn.width / whole.width).toBeCloseTo((BOX.right - BOX.left) / 1000, 1);
        expect(await accessibilityViolations(page)).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
});
