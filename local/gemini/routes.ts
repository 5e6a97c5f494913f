import type { ApiName } from './address.ts';
import { showCache } from './caches.ts';
import { GeminiError, invalidArgument, notFound } from './errors.ts';
import { generateContent } from './generate.ts';
import { readImages } from './images.ts';
import type { ModelFacts } from './models.ts';
import type { CachedContentRequest, CountTokensRequest, GenerateContentRequest } from './request.ts';
import { checkContents, findModel } from './request-check.ts';
import { parseMessage } from './request-parse.ts';
import { json, type Sent } from './send.ts';
import type { Simulation } from './simulation.ts';
import { countPrompt, modalities } from './usage.ts';

/** A request with a valid key and a parsed body. */
export interface ApiCall {
  method: string;
  api: ApiName;
  version: string;
  /** Path after the version, e.g. `models/gemini-3.5-flash-lite:generateContent`. */
  path: string;
  json: unknown;
  arrivedAt: number;
  signal: AbortSignal;
}

export interface Route {
  action: string;
  model?: string;
  handle: (sim: Simulation, call: ApiCall) => Promise<Sent> | Sent;
}

/** @throws GeminiError 404 for a path the API does not have. */
export function findRoute({ method, path }: Pick<ApiCall, 'method' | 'path'>): Route {
  const [, model, action] = /^models\/([^/:]+)(?::(\w+))?$/.exec(path) ?? [];
  const cache = /^cachedContents\/[^/:]+$/.test(path);
  if (model && method === 'POST' && action === 'generateContent') {
    return { action, model, handle: (sim, call) => generateContent(sim, { ...call, model }) };
  }
  if (model && method === 'POST' && action === 'countTokens') {
    return { action, model, handle: (sim, call) => countTokens(sim, call, model) };
  }
  if (model && method === 'GET' && !action) {
    return { action: 'models', model, handle: (sim, call) => showModel(sim, call, model) };
  }
  if (path === 'models' && method === 'GET') return { action: 'models', handle: listModels };
  if (path === 'cachedContents' && method === 'POST')
    return { action: 'cachedContents', handle: createCache };
  if (path === 'cachedContents' && method === 'GET') return { action: 'cachedContents', handle: listCaches };
  if (cache && method === 'GET') return { action: 'cachedContents', handle: getCache };
  if (cache && method === 'PATCH') return { action: 'cachedContents', handle: extendCache };
  if (cache && method === 'DELETE') return { action: 'cachedContents', handle: deleteCache };
  throw notFound('Requested entity was not found.');
}

async function countTokens(sim: Simulation, call: ApiCall, name: string): Promise<Sent> {
  const model = findModel(sim.models, name, call.version, 'countTokens');
  const parsed = parseMessage<CountTokensRequest>('CountTokensRequest', call.json);
  const request: GenerateContentRequest = parsed.generateContentRequest ?? {
    contents: parsed.contents ?? [],
  };
  checkContents(request.contents);
  const images = await readImages(request, sim.openFile(call.api), call.signal);
  const tokens = countPrompt(request, images, model);
  return json(200, { totalTokens: tokens.total, promptTokensDetails: modalities(tokens) }, 'counted');
}

const modelResource = (name: string, model: ModelFacts) => ({
  name: `models/${name}`,
  version: 'local-reader',
  displayName: model.displayName,
  description: 'Answers are read off the picture by the local reader, not by the model.',
  inputTokenLimit: model.inputTokenLimit,
  outputTokenLimit: model.outputTokenLimit,
  supportedGenerationMethods: ['generateContent', 'countTokens', 'createCachedContent'],
  thinking: true,
});

function showModel(sim: Simulation, call: ApiCall, name: string): Sent {
  return json(200, modelResource(name, findModel(sim.models, name, call.version, 'GetModel')), 'shown');
}

function listModels(sim: Simulation): Sent {
  const models = Object.entries(sim.models).map(([name, model]) => modelResource(name, model));
  return json(200, { models }, 'listed');
}

async function createCache(sim: Simulation, call: ApiCall): Promise<Sent> {
  const request = parseMessage<CachedContentRequest>('CachedContent', call.json);
  const name = /^models\/(.+)$/.exec(request.model ?? '')?.[1];
  if (name === undefined) throw invalidArgument('* CachedContent.model: unexpected model name format\n');
  const model = findModel(sim.models, name, call.version, 'createCachedContent');
  const images = await readImages(request, sim.openFile(call.api), call.signal);
  const cache = sim.caches.create(request, countPrompt(request, images, model), images, sim.now());
  return json(200, showCache(cache), 'created');
}

const listCaches = (sim: Simulation): Sent =>
  json(200, { cachedContents: sim.caches.list(sim.now()).map(showCache) }, 'listed');

const getCache = (sim: Simulation, { path }: ApiCall): Sent =>
  json(200, showCache(sim.caches.get(path, sim.now())), 'shown');

function extendCache(sim: Simulation, call: ApiCall): Sent {
  const request = parseMessage<CachedContentRequest>('CachedContent', call.json);
  return json(200, showCache(sim.caches.extend(call.path, request, sim.now())), 'extended');
}

function deleteCache(sim: Simulation, { path }: ApiCall): Sent {
  sim.caches.delete(path, sim.now());
  return json(200, {}, 'deleted');
}

/** An error of ours becomes the API's 500; its text stays here. */
export function errorReply(error: unknown): Sent {
  if (error instanceof GeminiError) return json(error.httpStatus, error.body, error.body.error.status);
  const fallback = new GeminiError(500, 'INTERNAL', 'Internal error encountered.');
  return json(500, fallback.body, error instanceof Error ? error.name : 'INTERNAL');
}
