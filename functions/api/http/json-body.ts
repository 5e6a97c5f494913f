import type { Request } from 'express';
import type { z } from 'zod';
import { contentTypeOf } from '../../../shared/base/framework/unread-bodies.ts';
import { LIMITS } from '../../../shared/results/api/requests.ts';
import { Problem } from '../problem.ts';
import { checked } from './parameters.ts';

/** The JSON body of a request, checked; it must be there within `withinMs`. Where `optional`, an absent one counts as `{}`. */
export async function jsonBody<S extends z.ZodType>(
  request: Request,
  schema: S,
  {
    withinMs,
    optional = false,
    maxBytes = LIMITS.jsonBytes,
  }: { withinMs: number; optional?: boolean; maxBytes?: number },
): Promise<z.infer<S>> {
  const contentType = contentTypeOf(request)?.split(';')[0]?.trim().toLowerCase();
  if (contentType !== undefined && contentType !== 'application/json') throw notJson();
  if (request.headers['content-encoding'] !== undefined) throw notJson();
  const text = await textOf(request, withinMs, maxBytes);
  if (text === '' && optional) return checked(schema, {}, HINT);
  if (contentType === undefined) throw notJson();
  return checked(schema, parse(text), HINT);
}

const HINT = 'The shape of the body is at /docs.';

function textOf(request: Request, withinMs: number, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (settle: () => void) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      settle();
    };
    const timer = setTimeout(() => end(() => reject(stalled())), withinMs);
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) end(() => reject(tooLarge(maxBytes)));
      else chunks.push(chunk);
    };
    const onEnd = () => end(() => resolve(Buffer.concat(chunks).toString('utf8')));
    const onClose = () => end(() => reject(invalid('The body is cut off.')));
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, refuseIllFormed);
  } catch (error) {
    throw error instanceof Problem ? error : invalid('The body is not valid JSON.');
  }
}

/** `"\\ud800"` is valid JSON and no text: neither Storage nor Firestore can keep it. */
function refuseIllFormed(key: string, value: unknown): unknown {
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed()))
    throw invalid('A text in the body holds half a character (a lone surrogate).');
  return value;
}

const invalid = (detail: string): Problem => new Problem('INVALID_REQUEST', detail, HINT);

const notJson = (): Problem =>
  new Problem(
    'UNSUPPORTED_MEDIA_TYPE',
    'The body is not plain JSON.',
    'Send Content-Type: application/json.',
  );

const tooLarge = (maxBytes: number): Problem =>
  new Problem('BODY_TOO_LARGE', `The body has more than ${maxBytes} bytes.`, 'Pictures go to /v1/images.');

const stalled = (): Problem =>
  new Problem('UPLOAD_STALLED', 'The body did not arrive in time.', 'Send it again.');
