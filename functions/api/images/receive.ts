import type { IncomingMessage } from 'node:http';
import { type Readable, Writable } from 'node:stream';
import busboy from 'busboy';
import { cutText } from '../../../shared/base/text.ts';
import { Problem } from '../problem.ts';

export interface ReceivedFile {
  /** Place in its form, from 0. */
  index: number;
  name: string;
  contentType: string;
  content: Readable;
  /** Fields that came before this file. */
  fields: Readonly<Record<string, string>>;
  /** Settles when it is known what comes after the file; rejects when that refuses the whole form. */
  followed: Promise<void>;
  /** False once the form has failed: what has not begun by then is not stored. */
  isWanted: () => boolean;
}

/** The form itself is wrong, so that nothing of it may stay. */
export class RefusedForm extends Problem {}

const MAX_FIELDS = 20;
const MAX_FIELD_BYTES = 2_000;
const MAX_FILES = 100;

/**
 * Hands each file of a multipart form to `store` as a stream, as they arrive; nothing is kept in memory, and no more of
 * the body is read while files before the last one that has begun are not stored. Resolves when all are; rejects with
 * the first error once everything that has begun is over, and `signal` ends it.
 */
export function receiveFiles(
  request: IncomingMessage,
  contentType: string,
  store: (file: ReceivedFile) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    const stored: Promise<void>[] = [];
    const form = openForm(contentType);
    let followed = Promise.withResolvers<void>();
    let isOver = false;

    const end = (error: unknown) => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', onAbort);
      followed.promise.catch(() => {});
      followed.reject(error);
      request.unpipe(sluice);
      form.destroy();
      // What came before is stored in any case: waiting for it lets the answer name it.
      void Promise.allSettled(stored).then(() => reject(error));
    };
    const onAbort = () => end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });

    form.on('field', (name, value, { valueTruncated }) => {
      const label = cutText(name, 40);
      if (valueTruncated) end(refused(`The field ${label} is too long.`));
      else if (stored.length > 0) end(lateField(label));
      else if (fields.has(name)) end(refused(`The field ${label} is there more than once.`));
      else fields.set(name, value);
    });
    form.on('file', (_field, content, { filename, mimeType }) => {
      // A stream that was cut off reports it here and to its reader; without a listener it would end the process.
      content.on('error', () => {});
      followed.resolve();
      followed = Promise.withResolvers<void>();
      if (isOver) return void content.resume();
      const storing = store({
        index: stored.length,
        name: filename ?? '',
        contentType: mimeType,
        content,
        fields: Object.fromEntries(fields),
        followed: followed.promise,
        isWanted: () => !isOver,
      });
      // The rest of a refused file, so that the next one is reached.
      stored.push(storing.then(() => void content.resume()));
      stored.at(-1)?.catch(end);
    });
    form.on('fieldsLimit', () => end(refused(`The form holds more than ${MAX_FIELDS} fields.`)));
    form.on('filesLimit', () => {
      followed.resolve();
      end(invalid(`The form holds more than ${MAX_FILES} files.`));
    });
    form.on('error', () => end(invalid('The form is cut off or malformed.')));
    form.on('close', () => {
      followed.resolve();
      Promise.all(stored).then(() => {
        if (isOver) return;
        signal.removeEventListener('abort', onAbort);
        resolve();
      }, end);
    });

    const sluice = new Writable({
      write(chunk: Buffer, _encoding, done) {
        form.write(chunk, () => void Promise.all(stored.slice(0, -1)).then(() => done(), done));
      },
      final(done) {
        form.end();
        done();
      },
    });
    sluice.on('error', end);
    request.pipe(sluice);
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
        files: MAX_FILES,
        headerPairs: 50,
      },
    });
  } catch {
    throw invalid('The content type names no boundary.');
  }
}

const HINT = 'Send multipart/form-data with a file, as a browser or curl -F does.';

const invalid = (detail: string): Problem => new Problem('INVALID_REQUEST', detail, HINT);

const refused = (detail: string): RefusedForm => new RefusedForm('INVALID_REQUEST', detail, HINT);

const lateField = (label: string): RefusedForm =>
  new RefusedForm(
    'INVALID_REQUEST',
    `The field ${label} comes after a file, so nothing was stored.`,
    'Put all fields before the files.',
  );
