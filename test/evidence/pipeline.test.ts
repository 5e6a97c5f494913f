import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PipelineClient } from '../../client/pipeline-client.ts';
import { readResult } from '../../client/read-result.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createReader } from '../../local/reader/reader.ts';
import { drawLabel } from '../local/label-pictures.ts';
import { idOf, type Pipeline, startPipeline } from '../support/pipeline.ts';
import { overlap, shares, truePlaceOfCode } from './places.ts';

const INVENTORY = `
prompt: Read the shelf label.
evidence: boxes
fields:
  shelfId: { nullable: true }
  items: { max: 20, listOf: { fields: { sku: { max: 40 }, quantity: integer } } }
  confidence: { type: number, min: 0, max: 1 }
`;

const reader = createReader();
let model: GeminiSimulator;
let pipeline: Pipeline;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  await writeFile(join(folder, 'shelf.yaml'), INVENTORY);
  await writeFile(join(folder, 'inventory.yaml'), INVENTORY);
  await writeFile(join(folder, 'plain.yaml'), INVENTORY.replace('evidence: boxes', ''));
  model = await startGeminiSimulator({ read: reader.read });
  pipeline = await startPipeline({
    functions: ['resize-image', 'analyze-image', 'api'],
    env: { PROFILES_FOLDER: folder, CONTROL_CACHE_MS: '50' },
    model: { kind: 'running', url: model.url },
  });
});
afterAll(async () => {
  await pipeline.close();
  await model.close();
  await reader.close();
  await rm(folder, { recursive: true });
});
afterEach(() => model.reset());

interface Evidence {
  field: string;
  box: { top: number; left: number; bottom: number; right: number };
}

const evidenceOf = (document: Record<string, unknown>) =>
  (document['model'] as { evidence?: Evidence[] }).evidence ?? [];

describe('a profile that asks for boxes', () => {
  it('has the true place of every value beside the answer, in Firestore, and again for the same picture', async () => {
    const label = await drawLabel({
      lines: ['SHELF A-12', 'QTY 24'],
      barcode: { text: 'SKU-12345', format: 'Code128' },
      turn: 90,
    });
    await pipeline.upload('shelf/label.jpg', label);
    const document = await pipeline.settled('shelf/label.jpg');
    expect(document).toMatchObject({
      status: 'completed',
      answer: { shelfId: 'A-12', items: [{ sku: '12345', quantity: 24 }] },
    });
    expect(document['answer']).not.toHaveProperty('evidence');
    const evidence = evidenceOf(document);
    expect(evidence.map(({ field }) => field)).toEqual(['shelfId', 'items[0].sku', 'items[0].quantity']);
    const code = evidence.find(({ field }) => field === 'items[0].sku');
    const truth = await truePlaceOfCode('SKU-12345', 'Code128', 90);
    expect(code && overlap(shares(code.box), truth)).toBeGreaterThan(0.85);
    // The label lies on its side: its lines run down the picture, the later one to the left of the earlier one.
    const [shelf, , quantity] = evidence;
    expect(quantity?.box.right).toBeLessThan(shelf?.box.left ?? 0);

    const calls = model.calls().length;
    await pipeline.upload('shelf/again.jpg', label);
    const repeated = await pipeline.settled('shelf/again.jpg');
    expect(model.calls()).toHaveLength(calls);
    expect(evidenceOf(repeated)).toEqual(evidence);
  });

  it('takes an answer whose boxes are nonsense at the first call, and counts them', async () => {
    const json = { shelfId: 'A-1', items: [], confidence: 0.9 };
    const bad = { field: 'shelfId', box_2d: [5, 5, 2000, 9] };
    const good = { field: 'shelfId', box_2d: [10, 20, 30, 40] };
    model.behave({ script: [{ json: { ...json, evidence: [bad, good, 'x'] } as never }] });
    await pipeline.upload('inventory/nonsense.jpg', await drawLabel({ lines: ['SHELF A-1'] }));
    const document = await pipeline.settled('inventory/nonsense.jpg');
    expect(document['attempts']).toHaveLength(1);
    expect(document).toMatchObject({
      answer: json,
      model: {
        evidence: [{ field: 'shelfId', box: { top: 10, left: 20, bottom: 30, right: 40 } }],
        evidenceDropped: 2,
      },
    });
    expect(readResult(document, 'inventory').model?.evidence?.[0]?.box.left).toBe(20);
  });
});

describe('the API', () => {
  it('gives the boxes, and those of the answer before a replay beside that answer', async () => {
    const client = new PipelineClient({ baseUrl: pipeline.cloud.url('api') });
    const id = idOf('shelf/replayed.jpg');
    const place = (at: number) => ({ field: 'shelfId', box_2d: [at, 10, at + 5, 20] });
    const kept = (at: number) => ({
      field: 'shelfId',
      box: { top: at, left: 10, bottom: at + 5, right: 20 },
    });
    const json = { shelfId: 'A-1', items: [], confidence: 0.9 };
    model.behave({
      script: [{ json: { ...json, evidence: [place(100)] } as never }, { fault: 'blockedPrompt' }],
    });
    await pipeline.upload('shelf/replayed.jpg', await drawLabel({ lines: ['SHELF A-1'], fontSize: 50 }));
    await pipeline.settled('shelf/replayed.jpg');
    expect((await client.waitFor(id, 10_000))?.model?.evidence).toEqual([kept(100)]);
    await client.replay(id);
    await pipeline.settled('shelf/replayed.jpg', ({ status }) => status === 'refused');
    const refused = await client.waitFor(id, 10_000);
    expect(refused?.model).toBeUndefined();
    expect(refused?.previous?.model?.evidence).toEqual([kept(100)]);
  });
});

describe('a profile that does not', () => {
  it('has no boxes and pays for none', async () => {
    const label = await drawLabel({ lines: ['SHELF B-7', 'SKU-777 QTY 3'] });
    await pipeline.upload('plain/label.jpg', label);
    const without = await pipeline.settled('plain/label.jpg');
    expect(without['model']).not.toHaveProperty('evidence');
    expect(without['model']).not.toHaveProperty('evidenceDropped');
    await pipeline.upload('shelf/same.jpg', label);
    const withBoxes = await pipeline.settled('shelf/same.jpg');
    expect(withBoxes['answer']).toEqual(without['answer']);
    const tokens = (document: Record<string, unknown>) =>
      (document['attempts'] as { tokens: { prompt: number; output: number } }[]).at(-1)?.tokens;
    expect(tokens(withBoxes)?.output).toBeGreaterThan(tokens(without)?.output ?? Infinity);
    expect(tokens(withBoxes)?.prompt).toBeGreaterThan(tokens(without)?.prompt ?? Infinity);
  });
});
