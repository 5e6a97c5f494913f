import { invalid } from './errors.ts';

const MAX_HEADER_LINE_BYTES = 16 * 1024;
const MAX_METADATA_BYTES = 1024 * 1024;

export interface RelatedUpload {
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

// Python's clients (gcloud) quote the boundary with ' instead of ".
function boundaryOf(contentType: string | undefined): string {
  const found = /^multipart\/related\b.*?;\s*boundary=(?:"([^"]+)"|'([^']+)'|([^\s;]+))/i.exec(
    contentType ?? '',
  );
  const boundary = found?.[1] ?? found?.[2] ?? found?.[3];
  if (boundary === undefined)
    throw invalid('A multipart upload needs Content-Type: multipart/related; boundary=...');
  return boundary;
}

// RFC 2046 asks for CRLF, but gcloud sends LF. Whoever ends the first line so ends all.
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
