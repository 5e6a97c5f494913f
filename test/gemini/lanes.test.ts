import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';
import { refuseRegionalLanes } from '../../shared/model/gemini/backends.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import { readReply } from '../../shared/model/gemini/reply.ts';
import { createVertexApi } from '../../shared/model/gemini/vertex-api.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { builtIn } from '../support/built-in.ts';
import { MODEL, useVertex } from './vertex-calls.ts';

const vertex = useVertex();
const describeProfile = builtIn('describe');
let simulator: GeminiSimulator;
let developer: AskModel;

beforeAll(async () => {
  simulator = await startGeminiSimulator();
  developer = createDeveloperApi({ apiKey: 'k', baseUrl: simulator.url });
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.close());

const never = () => new AbortController().signal;
const picture = () => ({ mimeType: 'image/jpeg', base64: vertex().jpeg.toString('base64') });
const askDeveloper = (lane: 'flex' | 'priority') =>
  developer(vertex().request({ lane, image: picture() }), never());

describe('a lane of the Gemini API', () => {
  it.each(['flex', 'priority'] as const)(
    '%s is asked for in the body and read from the reply',
    async (lane) => {
      expect(await askDeveloper(lane)).toMatchObject({ lane });
      expect(simulator.calls()).toMatchObject([{ tier: lane }]);
      expect(simulator.bill().byTier).toMatchObject({ [lane]: { [`${MODEL}@local-reader`]: { calls: 1 } } });
    },
  );

  it('is the one that served, not the one that was asked for', async () => {
    simulator.behave({ priorityOverflowShare: 1 });
    expect(await askDeveloper('priority')).not.toHaveProperty('lane');
    expect(Object.keys(simulator.bill().byTier)).toEqual(['standard']);
  });

  it('flex is refused where capacity is short, and costs nothing', async () => {
    simulator.behave({ flexShedShare: 1 });
    await expect(askDeveloper('flex')).rejects.toMatchObject({ code: 'MODEL_OVERLOADED' });
    expect(simulator.bill().total.calls).toBe(0);
  });

  it('flex is given up by the server before we give it up, so that nothing is billed', async () => {
    simulator.behave({ flexLatencyMs: 60_000 });
    const asked = withDeadline(3_500, never(), (signal) =>
      developer(vertex().request({ lane: 'flex', image: picture() }), signal),
    );
    await expect(asked).rejects.toMatchObject({ code: 'MODEL_TIMEOUT', facts: { httpStatus: 504 } });
    expect(simulator.bill().total.calls).toBe(0);
  });
});

describe('a lane of Vertex AI', () => {
  it.each(['flex', 'priority'] as const)(
    '%s is asked for by headers at the global endpoint',
    async (lane) => {
      expect(await vertex().ask({ lane })).toMatchObject({ lane, end: { kind: 'answer' } });
      expect(vertex().simulator.calls()).toMatchObject([{ tier: lane }]);
    },
  );

  it('flex that is shed is a refusal of the shared pool', async () => {
    vertex().simulator.behave({ flexShedShare: 1 });
    await expect(vertex().ask({ lane: 'flex' })).rejects.toMatchObject({ code: 'MODEL_QUOTA_MINUTE' });
  });

  it('keeps letters of every language, also with the client that waits longer than five minutes', async () => {
    vertex().simulator.behave({ script: [{ json: { a: 'Größe 漢字' } }] });
    const reply = await vertex().ask({ lane: 'flex', prompt: 'Größe? 漢字' });
    expect(reply.end).toEqual({ kind: 'answer', text: '{"a":"Größe 漢字"}' });
  });

  it('is not asked for at a regional endpoint, which would ignore it: the reply says standard', async () => {
    const { simulator: server } = vertex();
    const regional = createVertexApi({ project: 'p', location: 'europe-west1', baseUrl: server.url });
    expect(await regional(vertex().request({ lane: 'flex' }), never())).not.toHaveProperty('lane');
    expect(server.calls()[0]).not.toHaveProperty('tier');
  });

  it('stops the start where a profile wants one of a regional location', () => {
    const config = {
      GEMINI_BACKEND: 'vertex' as const,
      GEMINI_LOCATION: 'europe-west1',
      VERTEX_FAILOVER: false,
      GEMINI_STORE_REQUESTS: false,
    };
    const profiles = [{ ...describeProfile, lane: 'flex' as const }];
    expect(() => refuseRegionalLanes(config, profiles)).toThrow(
      'Vertex AI has flex and priority at its global endpoint only, and GEMINI_LOCATION is europe-west1',
    );
    expect(() => refuseRegionalLanes({ ...config, GEMINI_LOCATION: 'global' }, profiles)).not.toThrow();
    expect(() => refuseRegionalLanes(config, [describeProfile])).not.toThrow();
  });
});

describe('a request to the simulated Vertex AI', () => {
  it('may not say whether it is stored: the vendor sends that to the Gemini API alone', async () => {
    const { simulator: server } = vertex();
    const path = `v1/projects/p/locations/global/publishers/google/models/${MODEL}:generateContent`;
    const contents = [{ role: 'user', parts: [{ text: 'a' }] }];
    const ask = (body: object) =>
      fetch(`${server.url}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer t' },
        body: JSON.stringify(body),
      });
    expect((await ask({ contents })).status).toBe(200);
    const refused = await ask({ contents, store: false });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('Unknown name \\"store\\"');
  });
});

describe('a reply that does not say which lane served it', () => {
  it.each([
    ['flex', undefined],
    ['priority', 'priority'],
  ] as const)('is priced by the dearest that can have served %s', (asked, lane) => {
    expect(readReply({}, { model: MODEL, lane: asked }).lane).toBe(lane);
    const unsaid = { usageMetadata: { trafficType: 'TRAFFIC_TYPE_UNSPECIFIED' } };
    expect(readReply(unsaid, { model: MODEL, lane: asked }).lane).toBe(lane);
  });
});
