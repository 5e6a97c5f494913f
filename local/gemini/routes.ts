import type { ApiName } from './address.ts';
import { type CachedContent, showCache } from './caches.ts';
import { GeminiError, invalidArgument, notFound } from './errors.ts';
import { generateContent } from './generate.ts';
import { readImages } from './images.ts';
import { type ModelFacts, modelVersion } from './models.ts';
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
  /** Vertex AI's project and location, before the names of its context caches. */
  location?: string;
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
  const name = modelNamed(request.model ?? '', call);
  if (name === undefined) throw invalidArgument('* CachedContent.model: unexpected model name format\n');
  const model = findModel(sim.models, name, call.version, 'createCachedContent');
  const images = await readImages(request, sim.openFile(call.api), call.signal);
  const tokens = countPrompt(request, images, model);
  const cache = sim.caches.create(request, tokens, images, sim.now());
  sim.ledger.addContext(modelVersion(name), cache.tokens.total, cache.expireTime - cache.createTime);
  return json(200, showCache(cache, call.location), 'created');
}

/** Vertex AI wants the model's whole name. */
const modelNamed = (model: string, { location }: ApiCall): string | undefined => {
  const prefix = location === undefined ? 'models/' : `${location}/publishers/google/models/`;
  return model.startsWith(prefix) && model.length > prefix.length ? model.slice(prefix.length) : undefined;
};

const listCaches = (sim: Simulation, { location }: ApiCall): Sent => {
  const cachedContents = sim.caches.list(sim.now()).map((cache) => showCache(cache, location));
  return json(200, { cachedContents }, 'listed');
};

const getCache = (sim: Simulation, { path, location }: ApiCall): Sent =>
  json(200, showCache(sim.caches.get(path, sim.now()), location), 'shown');

function extendCache(sim: Simulation, call: ApiCall): Sent {
  const request = parseMessage<CachedContentRequest>('CachedContent', call.json);
  const before = sim.caches.get(call.path, sim.now());
  const paidUntil = before.expireTime;
  const cache = sim.caches.extend(call.path, request, sim.now());
  sim.ledger.extendContext(modelVersion(modelOf(cache)), cache.tokens.total, cache.expireTime - paidUntil);
  return json(200, showCache(cache, call.location), 'extended');
}

const modelOf = ({ model }: CachedContent): string => model.slice('models/'.length);

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
