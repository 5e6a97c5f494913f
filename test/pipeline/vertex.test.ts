import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { openStoredFiles } from '../../local/gemini/stored-files.ts';
import { drawLabel } from '../local/label-pictures.ts';
import { answerAlways, DESCRIPTION, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';

let tokens: TokenServer;
let vertex: GeminiSimulator;
let pipeline: Pipeline;

beforeAll(async () => {
  tokens = await startTokenServer();
  vertex = await startGeminiSimulator({
    openFile: (uri, signal) => openStoredFiles(pipeline.cloud.storage.url)(uri, signal),
  });
  pipeline = await startPipeline({
    functionEnv: {
      'analyze-image': {
        GEMINI_BACKEND: 'vertex',
        VERTEX_BASE_URL: vertex.url,
        GOOGLE_APPLICATION_CREDENTIALS: tokens.credentials,
      },
    },
  });
});
afterAll(async () => {
  await pipeline.close();
  await vertex.close();
  await tokens.close();
});

const downloads = (): number => pipeline.cloud.storage.operations()['download'] ?? 0;

describe('with Vertex AI', () => {
  it('an image is answered without the function ever reading the prepared picture', async () => {
    answerAlways(vertex, DESCRIPTION);
    await pipeline.upload('one.jpg', await picture(1));
    expect(await pipeline.settled('one.jpg')).toMatchObject({ status: 'completed', answer: DESCRIPTION });
    expect(vertex.calls()).toMatchObject([{ api: 'vertex', status: 200, images: [{ width: 320 }] }]);
    // The resize reads the upload, Vertex AI the prepared picture; the analysis reads nothing.
    expect(downloads()).toBe(2);
    expect(pipeline.modelCalls()).toBe(0);
  });

  it('a check looks for barcodes in the prepared picture all the same', async () => {
    const shelf = (sku: string) => ({
      json: {
        shelfId: null,
        items: [{ sku, quantity: 1, condition: 'new' }] as never[],
        confidence: 0.9,
      },
    });
    vertex.behave({ script: [shelf('A-100'), shelf('4006381333931')] });
    const barcode = { text: '4006381333931', format: 'EAN13' } as const;
    await pipeline.upload('inventory/label.jpg', await drawLabel({ lines: ['Pencils'], barcode }));
    expect(await pipeline.settled('inventory/label.jpg')).toMatchObject({
      status: 'completed',
      model: { step: 1, checks: expect.arrayContaining([{ name: 'printed-codes', passed: true }]) },
    });
  });

  it('an image is answered with the key where Vertex AI refuses access', async () => {
    vertex.behave({ script: [], errorRates: { forbidden403: 1 } });
    answerAlways(pipeline.model, DESCRIPTION);
    await pipeline.upload('two.jpg', await picture(2));
    expect(await pipeline.settled('two.jpg')).toMatchObject({ status: 'completed', answer: DESCRIPTION });
    expect(pipeline.model.calls()).toMatchObject([{ api: 'developer', status: 200 }]);
  });
});
