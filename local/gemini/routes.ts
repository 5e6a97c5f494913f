import type { IncomingHttpHeaders } from 'node:http';
import type { ApiName } from './address.ts';
import { cancelBatch, createBatch, deleteBatch, getBatch, listBatches } from './batches/developer-routes.ts';
import {
  cancelPrediction,
  createPrediction,
  deletePrediction,
  getPrediction,
  listPredictions,
} from './batches/vertex-routes.ts';
import { type CachedContent, showCache } from './caches.ts';
import { decide } from './decisions.ts';
import { GeminiError, invalidArgument, modelNotFound, notFound } from './errors.ts';
import { showFile } from './files.ts';
import { generateContent } from './generate.ts';
import { readMedia } from './images.ts';
import { aliasedModel, aliasNames, type ModelFacts, modelVersion } from './models.ts';
import type { CachedContentRequest, CountTokensRequest, GenerateContentRequest } from './request.ts';
import { checkContents, findModel } from './request-check.ts';
import { parseMessage } from './request-parse.ts';
import { json, type Sent } from './send.ts';
import type { Simulation } from './simulation.ts';
import { streamed } from './stream.ts';
import { countPrompt, modalities } from './usage.ts';
import { asVertex } from './vertex-errors.ts';

/** A request with a valid key and a parsed body. */
interface ApiCall {
  method: string;
  api: ApiName;
  version: string;
  /** Path after the version, e.g. `models/gemini-3.5-flash-lite:generateContent`. */
  path: string;
  /** Vertex AI's project and location, before the names of its context caches. */
  location?: string;
  /** Vertex AI's project, location and publisher, before the names of its models. */
  publisher?: string | undefined;
  headers: IncomingHttpHeaders;
  json: unknown;
  /** `http://host:port` as the client addresses this server. */
  baseUrl: string;
  query: URLSearchParams;
  /** `alt=sse`: a stream as events. */
  sse: boolean;
  arrivedAt: number;
  signal: AbortSignal;
}

export interface Route {
  action: string;
  model?: string;
  handle: (sim: Simulation, call: ApiCall) => Promise<Sent> | Sent;
}

/** @throws GeminiError 404 for a path the API does not have. */
export function findRoute({ method, path, api }: Pick<ApiCall, 'method' | 'path' | 'api'>): Route {
  const [, name, action] = /^models\/([^/:]+)(?::(\w+))?$/.exec(path) ?? [];
  if (name) return modelRoute(method, api === 'developer' ? aliasedModel(name) : name, name, action);
  if (path === 'decisions' && method === 'POST' && api === 'developer')
    return { action: 'decisions', handle: decide };
  if (path === 'models' && method === 'GET') return { action: 'models', handle: listModels };
  const [collection, id] = path.split('/');
  const batches = BATCHES[`${method} ${path.replace(/\/[^/:]+/, '/')}`];
  if (batches && (collection === 'batches') === (api === 'developer'))
    return { action: String(collection), handle: (sim, call) => batches(sim, call, call.query) };
  const named = id !== undefined && /^(cachedContents|files)\/[^/:]+$/.test(path);
  const handle = NAMED[`${method} ${collection}${named ? '/' : ''}`];
  if (handle && (named || path === collection) && (collection !== 'files' || api === 'developer'))
    return { action: String(collection), handle };
  throw noSuchMethod(method, path);
}

const BATCHES: Readonly<
  Record<string, (sim: Simulation, call: ApiCall, query: URLSearchParams) => Sent | Promise<Sent>>
> = {
  'GET batches': listBatches,
  'GET batches/': getBatch,
  'POST batches/:cancel': cancelBatch,
  'DELETE batches/': deleteBatch,
  'POST batchPredictionJobs': createPrediction,
  'GET batchPredictionJobs': listPredictions,
  'GET batchPredictionJobs/': getPrediction,
  'POST batchPredictionJobs/:cancel': cancelPrediction,
  'DELETE batchPredictionJobs/': deletePrediction,
};

const NAMED: Readonly<Record<string, Route['handle']>> = {
  'POST cachedContents': createCache,
  'GET cachedContents': listCaches,
  'GET cachedContents/': getCache,
  'PATCH cachedContents/': extendCache,
  'DELETE cachedContents/': deleteCache,
  'GET files': listFiles,
  'GET files/': getFile,
  'DELETE files/': deleteFile,
};

/** `asked` is the name in the address, `model` the one that answers to it. */
function modelRoute(method: string, model: string, asked: string, action: string | undefined): Route {
  if (method === 'GET' && !action)
    return { action: 'models', model, handle: (sim, call) => showModel(sim, call, model, asked) };
  if (method === 'POST' && action === 'generateContent') {
    return { action, model, handle: (sim, call) => generateContent(sim, { ...call, action, model }) };
  }
  if (method === 'POST' && action === 'streamGenerateContent') {
    return {
      action,
      model,
      handle: async (sim, call) => streamed(await generateContent(sim, { ...call, action, model }), call.sse),
    };
  }
  if (method === 'POST' && action === 'batchGenerateContent') {
    return { action, model, handle: (sim, call) => createBatch(sim, call, model) };
  }
  if (method === 'POST' && action === 'countTokens') {
    return { action, model, handle: (sim, call) => countTokens(sim, call, model) };
  }
  if (method === 'POST' && action !== undefined) {
    const refuse = (_: Simulation, { version }: ApiCall): never => {
      throw modelNotFound(asked, version, action);
    };
    return { action, model, handle: refuse };
  }
  throw noSuchMethod(method, `models/${asked}${action ? `:${action}` : ''}`);
}

const noSuchMethod = (method: string, path: string): GeminiError =>
  notFound(`Method not found: ${method} ${path}.`);

async function countTokens(sim: Simulation, call: ApiCall, name: string): Promise<Sent> {
  const model = findModel(sim.models, name, call.version, 'countTokens');
  const parsed = parseMessage<CountTokensRequest>('CountTokensRequest', call.json);
  const request: GenerateContentRequest = parsed.generateContentRequest ?? {
    contents: parsed.contents ?? [],
  };
  checkContents(request.contents);
  const media = await readMedia(request, sim.openFile(call.api), call.signal);
  const tokens = countPrompt(request, media, model);
  return json(200, { totalTokens: tokens.total, promptTokensDetails: modalities(tokens) }, 'counted');
}

const modelResource = (name: string, model: ModelFacts) => ({
  name: `models/${name}`,
  version: 'local-reader',
  displayName: model.displayName,
  description: 'Answers are read off the picture by the local reader, not by the model.',
  inputTokenLimit: model.inputTokenLimit,
  outputTokenLimit: model.outputTokenLimit,
  supportedGenerationMethods: [
    'generateContent',
    'streamGenerateContent',
    'countTokens',
    'createCachedContent',
    'batchGenerateContent',
  ],
  thinking: true,
});

function showModel(sim: Simulation, call: ApiCall, name: string, asked: string): Sent {
  return json(200, modelResource(asked, findModel(sim.models, name, call.version, 'GetModel')), 'shown');
}

function listModels(sim: Simulation): Sent {
  const models = [...Object.keys(sim.models), ...aliasNames()].flatMap((name) => {
    const model = sim.models[aliasedModel(name)];
    return model ? [modelResource(name, model)] : [];
  });
  return json(200, { models }, 'listed');
}

async function createCache(sim: Simulation, call: ApiCall): Promise<Sent> {
  const request = parseMessage<CachedContentRequest>('CachedContent', call.json);
  const name = modelNamed(request.model ?? '', call);
  if (name === undefined) throw invalidArgument('* CachedContent.model: unexpected model name format\n');
  const model = findModel(sim.models, name, call.version, 'createCachedContent');
  const media = await readMedia(request, sim.openFile(call.api), call.signal);
  const tokens = countPrompt(request, media, model);
  const cache = sim.caches.create(request, tokens, media.images, sim.now());
  sim.ledger.addContext(modelVersion(name), cache.tokens.total, cache.expireTime - cache.createTime);
  return json(200, showCache(cache, call.location), 'created');
}

/** Vertex AI wants the model's whole name. */
const modelNamed = (model: string, { location }: ApiCall): string | undefined => {
  const prefix = location === undefined ? 'models/' : `${location}/publishers/google/models/`;
  if (!model.startsWith(prefix) || model.length === prefix.length) return undefined;
  const name = model.slice(prefix.length);
  return location === undefined ? aliasedModel(name) : name;
};

function listCaches(sim: Simulation, { location }: ApiCall): Sent {
  const cachedContents = sim.caches.list(sim.now()).map((cache) => showCache(cache, location));
  return json(200, { cachedContents }, 'listed');
}

function getCache(sim: Simulation, { path, location }: ApiCall): Sent {
  return json(200, showCache(sim.caches.get(path, sim.now()), location), 'shown');
}

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

async function listFiles(sim: Simulation, { baseUrl }: ApiCall): Promise<Sent> {
  const files = (await sim.files.list(sim.now())).map((file) => showFile(file, baseUrl));
  return json(200, files.length > 0 ? { files } : {}, 'listed');
}

async function getFile(sim: Simulation, { path, baseUrl }: ApiCall): Promise<Sent> {
  return json(200, showFile(await sim.files.get(path, sim.now()), baseUrl), 'shown');
}

async function deleteFile(sim: Simulation, { path }: ApiCall): Promise<Sent> {
  await sim.files.delete(path, sim.now());
  return json(200, {}, 'deleted');
}

/** An error of ours becomes the API's 500; its text stays here. */
export function errorReply(error: unknown, api: ApiName = 'developer'): Sent {
  if (error instanceof GeminiError) {
    const { httpStatus, body } = api === 'vertex' ? asVertex(error) : error;
    return json(httpStatus, body, body.error.status);
  }
  const fallback = new GeminiError(500, 'INTERNAL', 'Internal error encountered.');
  return json(500, fallback.body, error instanceof Error ? error.name : 'INTERNAL');
}
