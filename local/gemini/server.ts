import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { turnedAway } from '../own-doors.ts';
import { checkAccess } from './access.ts';
import { readAddress } from './address.ts';
import type { Behavior } from './behavior.ts';
import type { Bill } from './bill.ts';
import { readJson } from './body.ts';
import type { RecordedCall } from './calls.ts';
import { control } from './control.ts';
import { notFound, publisherModelNotFound } from './errors.ts';
import { downloadFile, goesOn, isFileDownload, isFileUpload, uploadFile } from './file-uploads.ts';
import { errorReply, findRoute, type Route } from './routes.ts';
import { type Sent, send } from './send.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

export interface GeminiSimulator {
  /** What `baseUrl` (generative-ai) takes: `http://127.0.0.1:<port>`. */
  url: string;
  port: number;
  /** Changes the named settings and leaves the others; a new `script` replaces what was left of the old. */
  behave(change: Partial<Behavior>): void;
  /** Back to how it was started. */
  reset(): void;
  /** The last calls, oldest first. */
  calls(): readonly RecordedCall[];
  /** Tokens of all answered calls, by `modelVersion`. */
  bill(): Bill;
  close(): Promise<void>;
}

type GeminiSimulatorOptions = SimulationOptions & {
  /** 0 or omitted: any free port. */
  port?: number;
};

/** Serves the Gemini REST API (v1 and v1beta) and Vertex AI's paths (v1 and v1beta1) on 127.0.0.1; answers are read off the pictures. */
export async function startGeminiSimulator(options: GeminiSimulatorOptions = {}): Promise<GeminiSimulator> {
  const sim = new Simulation(options);
  const server = createServer((request, response) => {
    if (!turnedAway(request, response)) void serve(sim, request, response);
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    behave: (change) => sim.behave(change),
    reset: () => sim.reset(),
    calls: () => sim.calls.list(),
    bill: () => sim.ledger.bill(),
    close: async () => {
      await close(server);
      await sim.files.clear();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Hanging calls are cut: they would keep the server open for ever. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(sim: Simulation, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const programmed = /^\/_control\/(\w+)$/.exec(url.pathname)?.[1];
  try {
    if (programmed !== undefined) {
      send(response, control(sim, request.method ?? 'GET', programmed, await readJson(request)));
    } else {
      await serveApi(sim, request, response, url, gone.signal);
    }
  } catch (error) {
    if (!gone.signal.aborted) send(response, errorReply(error));
  }
}

async function serveApi(
  sim: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  signal: AbortSignal,
): Promise<void> {
  const method = request.method ?? 'GET';
  const { api, version, path, publisher, location } = readAddress(decodeURI(url.pathname));
  const upload = isFileUpload(url.pathname);
  const body = upload ? undefined : await readJson(request, api).catch((error: unknown) => error);
  const baseUrl = `http://${request.headers.host ?? '127.0.0.1'}`;
  const arrivedAt = sim.now();
  let route: Route = {
    action: upload ? 'files' : 'unknown',
    handle: () => errorReply(notFound('Requested entity was not found.')),
  };
  const answered = async (): Promise<Sent> => {
    if (!(upload && goesOn(url))) checkAccess(sim, api, request.headers, url.searchParams);
    if (body instanceof Error) throw body;
    if (upload) return uploadFile(sim, request, url, baseUrl);
    if (isFileDownload(url.pathname)) return downloadFile(sim, url);
    route = findRoute({ method, path, api });
    if (publisher && route.model && !Object.hasOwn(sim.models, route.model))
      throw publisherModelNotFound(`${publisher}/models/${route.model}`);
    const sse = url.searchParams.get('alt') === 'sse';
    const { headers } = request;
    const called = {
      method,
      api,
      version,
      path,
      publisher,
      headers,
      json: body,
      baseUrl,
      sse,
      query: url.searchParams,
      arrivedAt,
      signal,
    };
    return await route.handle(sim, location === undefined ? called : { ...called, location });
  };
  const sent = await answered().catch((error: unknown) => errorReply(error, api));
  const status = signal.aborted ? 0 : send(response, sent);
  sim.calls.add({
    at: arrivedAt,
    method,
    action: route.action,
    api,
    ...(route.model === undefined ? {} : { model: route.model }),
    status,
    outcome: signal.aborted ? 'client gone' : sent.outcome,
    durationMs: sim.now() - arrivedAt,
    ...(sent.outputTokens === undefined ? {} : { outputTokens: sent.outputTokens }),
    ...sent.seen,
  });
}
