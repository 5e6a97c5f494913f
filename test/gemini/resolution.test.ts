import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { useVertex } from './vertex-calls.ts';

const vertex = useVertex();
let simulator: GeminiSimulator;
let developer: AskModel;

beforeAll(async () => {
  simulator = await startGeminiSimulator();
  developer = createDeveloperApi({ apiKey: 'k', baseUrl: simulator.url });
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.close());

const never = () => new AbortController().signal;

/** The tokens of a picture with room for the whole budget: those of a 4:3 one. */
describe.each([
  ['MEDIUM', 540],
  ['HIGH', 1_064],
  ['ULTRA_HIGH', 2_160],
] as const)('a step at %s', (mediaResolution, tokens) => {
  const request = () => {
    const asked = vertex().request({});
    return {
      ...asked,
      step: { ...asked.step, mediaResolution },
      image: { mimeType: 'image/jpeg', base64: vertex().jpeg.toString('base64') },
    };
  };

  it('is answered by the Gemini API with that many tokens for the picture', async () => {
    expect((await developer(request(), never())).usage?.image).toBe(tokens);
  });

  it('is answered by Vertex AI with as many', async () => {
    expect((await vertex().ask(request(), never())).usage?.image).toBe(tokens);
  });
});
