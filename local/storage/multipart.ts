import { invalid } from './errors.ts';

const MAX_HEADER_LINE_BYTES = 16 * 1024;
const MAX_METADATA_BYTES = 1024 * 1024;

interface RelatedUpload {
  /** The first part: the object resource as JSON text. */
  metadata: string;
  /** `Content-Type` of the second part. */
  mediaType: string | undefined;
  /** The bytes of the second part; throws when the body ends before the closing boundary. */
  media: AsyncGenerator<Buffer>;
}

/**
 * Reads `multipart/related` with two parts, metadata and media, holding only one network chunk of the media at a time.
 * @throws StorageError 400 on a malformed body
 */
export async function readRelated(
  body: AsyncIterator<Buffer>,
  contentType: string | undefined,
): Promise<RelatedUpload> {
  const boundary = boundaryOf(contentType);
  const reader = new DelimitedReader(body);
  const lineEnd = await openingLineEnd(reader, boundary);
  const delimiter = Buffer.from(`${lineEnd}--${boundary}`);
  await readHeaders(reader);
  const metadata = await collect(reader.until(delimiter));
  await reader.line();
  const headers = await readHeaders(reader);
  return { metadata, mediaType: headers.get('content-type'), media: reader.until(delimiter) };
}

interface MixedPart {
  headers: Map<string, string>;
  body: string;
}

/** All parts of a small `multipart/mixed` body, held in memory. @throws StorageError 400 on a malformed body */
export async function readParts(
  body: AsyncIterator<Buffer>,
  contentType: string | undefined,
): Promise<MixedPart[]> {
  const boundary = boundaryOf(contentType);
  const reader = new DelimitedReader(body);
  const lineEnd = await openingLineEnd(reader, boundary);
  const delimiter = Buffer.from(`${lineEnd}--${boundary}`);
  const parts: MixedPart[] = [];
  for (;;) {
    const headers = await readHeaders(reader);
    // An empty part body leaves its line end to the delimiter.
    parts.push({ headers, body: await collect(reader.until(delimiter)) });
    if (await reader.ends()) return parts;
  }
}

interface UploadForm {
  /** By lower-case name; the file is not among them. */
  fields: Map<string, string>;
  fileName: string;
  fileType: string | undefined;
  file: AsyncGenerator<Buffer>;
}

/** Reads `multipart/form-data` up to its field `file`, whose bytes follow. @throws StorageError 400 on a malformed body */
export async function readForm(
  body: AsyncIterator<Buffer>,
  contentType: string | undefined,
): Promise<UploadForm> {
  const boundary = boundaryOf(contentType);
  const reader = new DelimitedReader(body);
  const delimiter = Buffer.from(`${await openingLineEnd(reader, boundary)}--${boundary}`);
  const fields = new Map<string, string>();
  for (;;) {
    const headers = await readHeaders(reader);
    const disposition = headers.get('content-disposition') ?? '';
    const name = parameter(disposition, 'name')?.toLowerCase();
    if (name === undefined) throw invalid('A field of the form has no name.');
    const content = reader.until(delimiter);
    if (name === 'file') {
      const fileName = parameter(disposition, 'filename') ?? '';
      return { fields, fileName, fileType: headers.get('content-type'), file: content };
    }
    fields.set(name, await collect(content));
    if (await reader.ends()) throw invalid('The form has no field named file, which must come last.');
  }
}

const parameter = (header: string, name: string): string | undefined =>
  new RegExp(`;\\s*${name}="?([^";]*)"?`, 'i').exec(header)?.[1];

// Python's clients (gcloud) quote the boundary with ' instead of ".
function boundaryOf(contentType: string | undefined): string {
  const found =
    /^multipart\/(?:related|mixed|form-data)\b.*?;\s*boundary=(?:"([^"]+)"|'([^']+)'|([^\s;]+))/i.exec(
      contentType ?? '',
    );
  const boundary = found?.[1] ?? found?.[2] ?? found?.[3];
  if (boundary === undefined)
    throw invalid(
      'A multipart body needs a Content-Type with its boundary, like multipart/related; boundary=...',
    );
  return boundary;
}

// RFC 2046 asks for CRLF, but gcloud sends LF. A sender that ends the first line so ends all.
async function openingLineEnd(reader: DelimitedReader, boundary: string): Promise<'\r\n' | '\n'> {
  for (;;) {
    const line = await reader.line();
    if (line.startsWith(`--${boundary}`)) return line.endsWith('\r') ? '\r\n' : '\n';
    if (line.trim() !== '') throw invalid('The multipart body does not begin with its boundary.');
  }
}

async function readHeaders(reader: DelimitedReader): Promise<Map<string, string>> {
  const headers = new Map<string, string>();
  for (;;) {
    const line = (await reader.line()).trim();
    if (line === '') return headers;
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
}

async function collect(chunks: AsyncGenerator<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_METADATA_BYTES) throw invalid('The metadata part of the multipart body is too large.');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

class DelimitedReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  /** The next line without its LF (a CR stays). */
  async line(): Promise<string> {
    let end = this.#rest.indexOf(0x0a);
    while (end < 0) {
      if (this.#rest.length > MAX_HEADER_LINE_BYTES)
        throw invalid('A header of the multipart body is too long.');
      await this.#more();
      end = this.#rest.indexOf(0x0a);
    }
    const line = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + 1);
    return line;
  }

  /** Reads the rest of a delimiter's line: two dashes say that it was the last. */
  async ends(): Promise<boolean> {
    while (this.#rest.length < 2) await this.#more();
    if (this.#rest.toString('latin1', 0, 2) === '--') return true;
    await this.line();
    return false;
  }

  /** Everything before the delimiter; the delimiter is consumed. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const end = this.#rest.indexOf(delimiter);
      if (end >= 0) {
        if (end > 0) yield this.#rest.subarray(0, end);
        this.#rest = this.#rest.subarray(end + delimiter.length);
        return;
      }
      // The delimiter may straddle two chunks: hold back what could be its beginning.
      const safe = Math.max(0, this.#rest.length - delimiter.length + 1);
      if (safe > 0) yield this.#rest.subarray(0, safe);
      this.#rest = this.#rest.subarray(safe);
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#source.next();
    if (done) throw invalid('The multipart body ends before its closing boundary.');
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
  }
}
