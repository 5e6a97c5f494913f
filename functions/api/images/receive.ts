import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { Problem } from '../problem.ts';

export interface ReceivedFile {
  name: string;
  contentType: string;
  content: Readable;
  /** Fields that came before this file. */
  fields: Readonly<Record<string, string>>;
}

const MAX_FIELDS = 20;
const MAX_FIELD_BYTES = 2_000;
const MAX_FILES = 100;

/**
 * Hands each file of a multipart form to `store` as a stream, one after the other as they arrive; nothing is kept in
 * memory. Resolves with what `store` gave when the form has ended; rejects with the first error, and `signal` ends it.
 */
export function receiveFiles<T>(
  request: IncomingMessage,
  contentType: string,
  store: (file: ReceivedFile) => Promise<T>,
  signal: AbortSignal,
): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, string> = {};
    const stored: Promise<T>[] = [];
    const form = openForm(contentType);
    let refused = false;

    const fail = (error: unknown) => {
      signal.removeEventListener('abort', onAbort);
      request.unpipe(form);
      reject(error);
      form.destroy();
    };
    /** What came before is stored in any case: waiting for it lets the caller be told of it. */
    const failOnceStored = (error: unknown) => {
      refused = true;
      request.unpipe(form);
      void Promise.allSettled(stored).then(() => fail(error));
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });

    form.on('field', (name, value, info) => {
      if (info.valueTruncated) fail(invalid(`The field ${name.slice(0, 40)} is too long.`));
      else if (stored.length > 0) failOnceStored(lateField(name));
      else fields[name] = value;
    });
    form.on('file', (_field, content, { filename, mimeType }) => {
      // A stream that was cut off reports it here and to whoever reads it; unheard it would end the process.
      content.on('error', () => {});
      if (refused) return void content.resume();
      const storing = store({ name: filename ?? '', contentType: mimeType, content, fields: { ...fields } });
      stored.push(storing);
      storing.catch(fail);
    });
    form.on('filesLimit', () => failOnceStored(invalid(`The form holds more than ${MAX_FILES} files.`)));
    form.on('error', () => fail(invalid('The form is cut off or malformed.')));
    form.on('close', () => {
      Promise.all(stored).then((results) => {
        signal.removeEventListener('abort', onAbort);
        resolve(results);
      }, reject);
    });
    request.pipe(form);
  });
}

function openForm(contentType: string): busboy.Busboy {
  try {
    return busboy({
      headers: { 'content-type': contentType },
      defParamCharset: 'utf8',
      limits: {
        fields: MAX_FIELDS,
        fieldSize: MAX_FIELD_BYTES,
        fieldNameSize: 100,
        files: MAX_FILES,
        headerPairs: 50,
      },
    });
  } catch {
    throw invalid('The content type names no boundary.');
  }
}

const invalid = (detail: string): Problem =>
  new Problem(
    'INVALID_REQUEST',
    detail,
    'Send multipart/form-data with a file, as a browser or curl -F does.',
  );

const lateField = (name: string): Problem =>
  new Problem(
    'INVALID_REQUEST',
    `The field ${name.slice(0, 40)} comes after a file, which was stored without it.`,
    'Put all fields before the files.',
  );
