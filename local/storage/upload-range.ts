import { invalid } from './errors.ts';

/** What a `PUT` to an upload session says about its body. */
export type UploadRange =
  | { kind: 'status'; total: number | undefined }
  | {
      kind: 'bytes';
      first: number;
      /** Size of the whole object; undefined while the client does not know it. */
      total: number | undefined;
      /** The end of this body is the end of the object. */
      last: boolean;
    };

// `bytes 0-524287/*`, `bytes 524288-700000/700001`, `bytes 0-*/*` (all in one go), `bytes */*` (how far are we?).
const CONTENT_RANGE = /^bytes (?:(\*)|(\d+)-(\d+|\*))\/(\d+|\*)$/;

/** Reads the `Content-Range` of an upload; without one, the body is the whole object. @throws StorageError 400 */
export function parseUploadRange(header: string | undefined): UploadRange {
  if (header === undefined) return { kind: 'bytes', first: 0, total: undefined, last: true };
  const match = CONTENT_RANGE.exec(header.trim());
  if (match === null) throw invalid(`Failed to parse Content-Range header: ${header}`);
  const [, status, first, end, totalText] = match;
  const total = totalText === '*' ? undefined : Number(totalText);
  if (status) return { kind: 'status', total };
  const last = end === '*' ? true : total !== undefined && Number(end) + 1 === total;
  return { kind: 'bytes', first: Number(first), total, last };
}
