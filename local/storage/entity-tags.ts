import { type Call, header } from './call.ts';
import { conditionNotMet, notModified } from './errors.ts';

const bare = (tag: string): string =>
  tag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');

function names(list: string, etag: string): boolean {
  return list.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag));
}

/**
 * The conditions every HTTP client knows, on something that exists: `If-Match`, `If-None-Match` and, for reads, the two
 * about the time of the last change, which only count where no tag is given (RFC 9110, 13.2.2).
 * @throws StorageError 412, or 304 where a read finds what the client has already
 */
export function checkEntityTag(
  { request, method }: Call,
  { etag, updated }: { etag: string; updated: string },
): void {
  const reads = method === 'GET' || method === 'HEAD';
  const match = header(request, 'if-match');
  const noneMatch = header(request, 'if-none-match');
  if (match !== undefined && !names(match, etag)) throw conditionNotMet();
  if (noneMatch !== undefined && names(noneMatch, etag)) throw reads ? notModified() : conditionNotMet();
  if (!reads) return;
  const unmodifiedSince = match === undefined ? timeOf(header(request, 'if-unmodified-since')) : undefined;
  const modifiedSince = noneMatch === undefined ? timeOf(header(request, 'if-modified-since')) : undefined;
  // Such headers carry whole seconds.
  const changed = Math.floor(Date.parse(updated) / 1000) * 1000;
  if (unmodifiedSince !== undefined && changed > unmodifiedSince) throw conditionNotMet();
  if (modifiedSince !== undefined && changed <= modifiedSince) throw notModified();
}

/** A date that cannot be read is no condition, as HTTP wants it. */
function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}
