import { type PrintedCode, readCodes } from '../../shared/barcodes/reader.ts';
import type { ModelRequest } from '../../shared/gemini/model.ts';
import type { Log } from '../../shared/log/log.ts';
import { withDeadline } from '../../shared/resilience/deadline.ts';

/** The codes in one picture; undefined when they cannot be told. Never throws. */
export type LookForCodes = (signal: AbortSignal) => Promise<readonly PrintedCode[] | undefined>;

/** So long a paid answer waits to be checked, in milliseconds. */
const LIMIT_MS = 5_000;

/** Reads the picture's codes when first asked, once for all steps of the ladder. */
export function lookForCodes(image: ModelRequest['image'], log: Pick<Log, 'error'>): LookForCodes {
  let looking: Promise<readonly PrintedCode[] | undefined> | undefined;
  return (signal) => {
    looking ??= withDeadline(LIMIT_MS, signal, async (inner) => {
      const base64 = 'base64' in image ? image.base64 : await image.read(inner);
      return readCodes(Buffer.from(base64, 'base64'));
    }).catch((error: unknown) => {
      log.error('analyze.codes-unread', error);
      return undefined;
    });
    return looking;
  };
}
