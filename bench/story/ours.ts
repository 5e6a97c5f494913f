import { GeminiError } from '../../local/gemini/errors.ts';
import { loadConfig } from '../../shared/base/config.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { ModelGate } from '../../shared/model/gate/call-path.ts';
import { gateOptions, gateVariables } from '../../shared/model/gate/options.ts';
import { createRouter } from '../../shared/model/gate/routing.ts';
import { translateRefusal } from '../../shared/model/gemini/failures.ts';
import { climb } from '../../shared/model/ladder.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import type { AskModel, ModelRequest } from '../../shared/model/request.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { Control } from '../../shared/results/pauses.ts';
import { builtIn } from '../../test/support/built-in.ts';
import type { Ask, Picture } from './ask.ts';
import { wait } from './virtual-clock.ts';
import { callGemini, type Uplink, WORLD } from './world.ts';

const describe = builtIn('describe');

/** What one process knows of pauses is all there is to know here: no database stands behind it. */
class NoDocuments extends Documents {
  override get = async (): Promise<undefined> => undefined;
  override create = async (): Promise<'exists'> => 'exists';
  override compareAndSet = async (): Promise<'stale'> => 'stale';
}

/** How soon the bus delivers a picture again whose event was not acknowledged. Milliseconds. */
const REDELIVERY_MS = 10_000;
const MAX_DELIVERIES = 20;

/** The production guard, router and ladder with their default settings, over the simulated Gemini. */
export function ourAsk(uplink: Uplink, random: () => number, unsureShare: number): Ask {
  const prices = new PriceList();
  const prompt = composePrompt(describe, []);
  const config = loadConfig(gateVariables, {});
  const sizes = new Map<string, Picture>();
  const spent = new Map<string, { calls: number; usd: number }>();
  const call: AskModel = async (request) => {
    const name = 'uri' in request.image ? request.image.uri : request.image.base64;
    const picture = sizes.get(name);
    const account = spent.get(name);
    if (!picture || !account) throw new Error('a picture that nobody asked about');
    account.calls += 1;
    await callGemini(uplink, picture.preparedBytes, random).catch((error: unknown) => {
      throw translate(error, request.model);
    });
    const usage = usageOf(prices, request, picture);
    account.usd +=
      prices.costOf({ version: request.model, requested: request.model, usage, atMs: Date.now() }).nanos /
      1e9;
    const unsure = request.step === describe.ladder[0] && random() < unsureShare;
    const text = JSON.stringify({
      caption: 'A shelf with goods.',
      tags: ['shelf'],
      visibleText: '',
      confidence: unsure ? 0 : 0.9,
    });
    return { end: { kind: 'answer', text }, modelVersion: request.model, usage };
  };
  const control = new Control(new NoDocuments(), {
    cacheMs: 3_000,
    log: silentLog,
  });
  const router = createRouter(new ModelGate(call, control, silentLog, { ...gateOptions(config), random }), {
    explorationShare: 0.05,
    random,
  });
  let number = 0;
  return async (picture) => {
    number += 1;
    const key = `picture ${number}`;
    const account = { calls: 0, usd: 0 };
    sizes.set(key, picture);
    spent.set(key, account);
    await wait(WORLD.ourResizeMs + WORLD.pipelineMs);
    const question = {
      profile: describe,
      prompt,
      image: { mimeType: 'image/jpeg', base64: key },
      call: router,
      codes: async () => undefined,
      charges: {
        at: () => ({
          begin: async () => ({ answered: () => undefined, failed: () => undefined }),
        }),
        judged: () => undefined,
      },
    };
    for (let delivery = 1; ; delivery += 1) {
      try {
        await climb(question, new AbortController().signal);
        return { ok: true, ...account };
      } catch (error) {
        const failure = PipelineError.from(error);
        if (!failure.disposition.redeliver || delivery === MAX_DELIVERIES) return { ok: false, ...account };
        await wait(REDELIVERY_MS);
      }
    }
  };
}

function usageOf(prices: PriceList, { model, step }: ModelRequest, { width, height }: Picture) {
  const image = prices.imageTokens(model, { width, height }, step.mediaResolution);
  return { prompt: WORLD.promptTokens + image, image, cached: 0, thoughts: 0, output: WORLD.outputTokens };
}

function translate(error: unknown, model: string): unknown {
  if (!(error instanceof GeminiError)) return error;
  return translateRefusal({ status: error.httpStatus, body: JSON.stringify(error.body) }, model);
}
