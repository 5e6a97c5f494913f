import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type protobuf from 'protobufjs';
import { turnedAway } from '../own-doors.ts';
import { type HttpRule, httpRules } from './http-rules.ts';
import type { Method, Methods, Passage } from './methods.ts';
import { fromProtoJson, toProtoJson } from './proto-json.ts';
import { httpError, invalidArgument, notFound, toStatus } from './status.ts';

/** What most of Google's REST APIs take in one request. */
const MAX_BODY_BYTES = 11 * 1024 * 1024;

interface Route {
  readonly rule: HttpRule;
  readonly method: Method;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
  fits(inPath: Record<string, string>): boolean;
}

type Fits = NonNullable<TranscodingOptions['fits']>;

interface TranscodingOptions {
  services: readonly protobuf.Service[];
  methods: Methods;
  passage: Passage;
  maxBodyBytes?: number;
  /** Tells methods apart whose paths look alike: false = the path holds another one's fields. */
  fits?: (method: string, inPath: Readonly<Record<string, string>>) => boolean;
}

/**
 * The REST API of services whose methods carry `google.api.http` annotations, answered by the same methods as gRPC.
 * A stream comes as a list, as from Google: https://cloud.google.com/endpoints/docs/grpc/transcoding
 */
export function transcoding({
  services,
  methods,
  passage,
  fits = () => true,
  maxBodyBytes = MAX_BODY_BYTES,
}: TranscodingOptions): RequestListener {
  const routes = services.flatMap((service) => routesOf(service, methods, fits));
  return (request, response) => {
    if (turnedAway(request, response)) return;
    answer(routes, passage, request, maxBodyBytes).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const { httpStatus, body } = httpError(toStatus(error, passage.onError));
        send(response, httpStatus, body);
      },
    );
  };
}

function routesOf(service: protobuf.Service, methods: Methods, fits: Fits): Route[] {
  return service.methodsArray.flatMap((declared) => {
    const method = methods[declared.name];
    if (!method) return [];
    declared.resolve();
    const { resolvedRequestType: request, resolvedResponseType: response } = declared;
    if (!request || !response) return [];
    const fitsHere = (inPath: Record<string, string>) => fits(declared.name, inPath);
    return httpRules(declared).map((rule) => ({ rule, method, request, response, fits: fitsHere }));
  });
}

async function answer(
  routes: Route[],
  passage: Passage,
  request: IncomingMessage,
  maxBodyBytes: number,
): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const body = await readBody(request, maxBodyBytes);
  for (const route of routes) {
    if (route.rule.method !== request.method) continue;
    const inPath = matchPath(route.rule, url.pathname);
    if (!inPath || !route.fits(inPath)) continue;
    const message = requestMessage(route, inPath, url.searchParams, body);
    await passage.before();
    return call(route, message);
  }
  throw notFound(`There is no method ${request.method} ${url.pathname}.`);
}

function matchPath(rule: HttpRule, path: string): Record<string, string> | undefined {
  try {
    // A colon within a name comes encoded.
    return rule.match(path);
  } catch {
    throw invalidArgument('The path is not valid percent-encoding.');
  }
}

async function call({ method, response }: Route, message: object): Promise<unknown> {
  if (method.kind === 'unary') return toProtoJson(response, { ...(await method.answer(message as never)) });
  const messages: unknown[] = [];
  await method.answer(message as never, (one) => messages.push(toProtoJson(response, { ...one })));
  return messages;
}

/** Parameters of the method itself; the others (`alt`, `key`, `$alt`, ...) are of the HTTP API as such. */
const SYSTEM_PARAMETERS =
  /^(\$.*|alt|key|prettyPrint|fields|callback|access_token|quotaUser|upload_.*|oauth_token)$/;

function requestMessage(
  route: Route,
  inPath: Record<string, string>,
  query: URLSearchParams,
  body: Buffer,
): object {
  const json: Record<string, unknown> = {};
  for (const [name, value] of query) {
    if (!SYSTEM_PARAMETERS.test(name)) put(json, route.request, name, value);
  }
  const { body: bodyField } = route.rule;
  if (bodyField !== undefined && body.length > 0) {
    const parsed = parseJson(body);
    if (bodyField !== '*') json[bodyField] = { ...(json[bodyField] as object), ...parsed };
    else Object.assign(json, parsed);
  }
  for (const [path, value] of Object.entries(inPath)) put(json, route.request, path, value);
  return fromProtoJson(route.request, json);
}

/** Sets `a.b.c`; a repeated field takes all values of its name. */
function put(json: Record<string, unknown>, type: protobuf.Type, path: string, value: string): void {
  const [head = '', ...rest] = path
    .split('.')
    .map((one) => one.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
  const field = type.fields[head]?.resolve();
  if (rest.length > 0) {
    const inner = (json[head] ?? {}) as Record<string, unknown>;
    json[head] = inner;
    if (field?.resolvedType && 'fields' in field.resolvedType)
      put(inner, field.resolvedType, rest.join('.'), value);
    else inner[rest.join('.')] = value;
  } else if (field?.repeated) {
    json[head] = [...((json[head] as unknown[] | undefined) ?? []), value];
  } else {
    json[head] = value;
  }
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes) throw invalidArgument(`The request is larger than ${maxBytes} bytes.`);
  return Buffer.concat(chunks);
}

function parseJson(body: Buffer): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    throw invalidArgument('The request body is not valid JSON.');
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw invalidArgument('The request body must be a JSON object.');
}

function send(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(json));
}
