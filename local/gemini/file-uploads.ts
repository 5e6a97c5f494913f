import type { IncomingMessage } from 'node:http';
import { readJson } from './body.ts';
import { invalidArgument } from './errors.ts';
import { type FileDescription, showFile } from './files.ts';
import { json, type Sent } from './send.ts';
import type { Simulation } from './simulation.ts';
import { readUploadParts } from './upload-parts.ts';

/** Clients send all but the last piece in multiples of this. */
const GRANULARITY_BYTES = 8 * 1024 * 1024;

export const isFileUpload = (pathname: string): boolean => /^\/upload\/v1(?:beta)?\/files$/.test(pathname);

const DOWNLOAD = /^\/download\/v1(?:beta)?\/(files\/[^/:]+):download$/;

export const isFileDownload = (pathname: string): boolean => DOWNLOAD.test(pathname);

/** `GET /download/v1beta/{file}:download?alt=media`, of files that the API has written. */
export async function downloadFile(sim: Simulation, { pathname }: URL): Promise<Sent> {
  const [, name = ''] = DOWNLOAD.exec(pathname) ?? [];
  if (!name.startsWith('files/batch-')) throw invalidArgument('Only generated files can be downloaded.');
  const content = await sim.files.open(name, sim.now());
  return { kind: 'stream', content, headers: { 'content-type': 'application/jsonl' }, outcome: 'downloaded' };
}

/** Only the first request of an upload carries the key: the address it is answered with is a secret of its own. */
export const goesOn = (url: URL): boolean => url.searchParams.has('upload_id');

/** `POST /upload/v1beta/files`: resumable (start, upload, finalize, query, cancel) or all in one multipart body. */
export async function uploadFile(
  sim: Simulation,
  request: IncomingMessage,
  url: URL,
  baseUrl: string,
): Promise<Sent> {
  const id = url.searchParams.get('upload_id');
  const protocol = header(request, 'x-goog-upload-protocol') ?? url.searchParams.get('uploadType');
  if (id !== null) return goOn(sim, request, id, baseUrl);
  if (protocol === 'resumable') return start(sim, request, url, baseUrl);
  if (protocol === 'multipart') return whole(sim, request, baseUrl);
  throw invalidArgument('An upload needs the header X-Goog-Upload-Protocol: resumable or multipart.');
}

async function start(sim: Simulation, request: IncomingMessage, url: URL, baseUrl: string): Promise<Sent> {
  const description = describe(await readJson(request), header(request, 'x-goog-upload-header-content-type'));
  const announced = header(request, 'x-goog-upload-header-content-length');
  const size = announced === undefined ? {} : { size: Number(announced) };
  const id = await sim.files.start({ ...description, ...size }, sim.now());
  const address = `${baseUrl}${url.pathname}?upload_id=${id}&upload_protocol=resumable`;
  return reply({}, 'active', {
    'x-goog-upload-url': address,
    'x-goog-upload-control-url': address,
    'x-goog-upload-chunk-granularity': String(GRANULARITY_BYTES),
  });
}

async function goOn(sim: Simulation, request: IncomingMessage, id: string, baseUrl: string): Promise<Sent> {
  const commands = (header(request, 'x-goog-upload-command') ?? '').split(',').map((one) => one.trim());
  const known = ['upload', 'finalize', 'query', 'cancel'];
  if (commands.some((command) => !known.includes(command))) {
    throw invalidArgument(`X-Goog-Upload-Command must be one of ${known.join(', ')}.`);
  }
  if (commands.includes('cancel')) {
    await sim.files.cancel(id);
    return reply({}, 'cancelled');
  }
  if (commands.includes('upload')) {
    await sim.files.write(id, Number(header(request, 'x-goog-upload-offset') ?? 0), request);
  }
  if (!commands.includes('finalize')) {
    return reply({}, 'active', { 'x-goog-upload-size-received': String(sim.files.received(id)) });
  }
  const file = await sim.files.finish(id, sim.now());
  return reply({ file: showFile(file, baseUrl) }, 'final');
}

async function whole(sim: Simulation, request: IncomingMessage, baseUrl: string): Promise<Sent> {
  const { metadata, mediaType, media } = await readUploadParts(request);
  const id = await sim.files.start(describe(metadata, mediaType), sim.now());
  await sim.files.write(id, 0, media);
  return json(200, { file: showFile(await sim.files.finish(id, sim.now()), baseUrl) }, 'uploaded');
}

/** `{ file: { displayName, mimeType, name } }`, in either spelling. @throws GeminiError 400 */
function describe(body: unknown, contentType: string | undefined): FileDescription {
  const file = ((body as { file?: unknown } | null)?.file ?? {}) as Record<string, unknown>;
  const text = (...names: string[]): string | undefined =>
    names
      .map((name) => file[name])
      .find((value): value is string => typeof value === 'string' && value !== '');
  const mimeType = text('mimeType', 'mime_type') ?? contentType;
  if (mimeType === undefined)
    throw invalidArgument('* CreateFileRequest.file.mime_type: mime type is not specified\n');
  const name = text('name');
  const displayName = text('displayName', 'display_name');
  return { mimeType, ...(name ? { name } : {}), ...(displayName ? { displayName } : {}) };
}

const reply = (body: unknown, status: string, headers: Record<string, string> = {}): Sent => ({
  kind: 'reply',
  status: 200,
  body,
  headers: { 'x-goog-upload-status': status, ...headers },
  outcome: status,
});

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
