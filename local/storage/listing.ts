import { invalid } from './errors.ts';
import { globMatcher } from './glob.ts';
import { compareNames, lowerBound } from './object-names.ts';
import type { ObjectStore } from './object-store.ts';
import type { StoredObject } from './stored-object.ts';

/** https://cloud.google.com/storage/docs/json_api/v1/objects/list */
const MAX_PAGE = 1000;

interface ListingQuery {
  prefix: string;
  delimiter: string;
  /** First name wanted, inclusive. */
  startOffset: string;
  /** First name no longer wanted; empty: no end. */
  endOffset: string;
  maxResults: number;
  versions: boolean;
  /** An object whose name ends in the delimiter is listed beside its prefix. */
  includeTrailingDelimiter: boolean;
  /** Instead of what exists: what was deleted and can still be restored. */
  softDeleted: boolean;
  matches: (name: string) => boolean;
  pageToken?: PageToken;
}

/** Where a page ended: the last name or prefix given. */
interface PageToken {
  after: string;
  /** `after` is a prefix whose names are all dealt with. */
  isPrefix: boolean;
}

interface Page {
  items: StoredObject[];
  prefixes: string[];
  nextPageToken?: string;
}

export function listingQueryFrom(query: URLSearchParams): ListingQuery {
  const token = query.get('pageToken');
  const glob = query.get('matchGlob');
  if (flag(query, 'softDeleted') && flag(query, 'versions')) {
    throw invalid('versions and softDeleted cannot be asked for together.', 'softDeleted');
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    startOffset: query.get('startOffset') ?? '',
    endOffset: query.get('endOffset') ?? '',
    maxResults: maxResultsFrom(query),
    versions: flag(query, 'versions'),
    includeTrailingDelimiter: flag(query, 'includeTrailingDelimiter'),
    softDeleted: flag(query, 'softDeleted'),
    matches: glob ? globMatcher(glob) : () => true,
    ...(token ? { pageToken: decodeToken(token) } : {}),
  };
}

// gcloud is written in Python and sends True.
export const flag = (query: URLSearchParams, name: string): boolean =>
  query.get(name)?.toLowerCase() === 'true';

/** One page in order of the names' UTF-8 bytes. A page may exceed `maxResults` by the generations of its last name. */
export function listObjects(store: ObjectStore, bucket: string, query: ListingQuery): Page {
  const { names, generations } = source(store, bucket, query);
  const page: Page = { items: [], prefixes: [] };
  let last: PageToken | undefined;
  let at = firstIndex(names, query);
  for (let name = names[at]; name !== undefined && inRange(name, query); name = names[at]) {
    const objects: readonly StoredObject[] = query.matches(name) ? generations(name) : [];
    const folder = objects.length > 0 ? folderOf(name, query) : undefined;
    if (objects.length > 0 && last && page.items.length + page.prefixes.length >= query.maxResults) {
      return { ...page, nextPageToken: encodeToken(last) };
    }
    if (folder === undefined) {
      page.items.push(...objects);
      if (objects.length > 0) last = { after: name, isPrefix: false };
      at += 1;
    } else {
      page.prefixes.push(folder);
      if (query.includeTrailingDelimiter && folder === name) page.items.push(...objects);
      last = { after: folder, isPrefix: true };
      at = indexAfterPrefix(names, folder);
    }
  }
  return page;
}

function firstIndex(names: readonly string[], { prefix, startOffset, pageToken }: ListingQuery): number {
  const start = compareNames(prefix, startOffset) > 0 ? prefix : startOffset;
  const from = lowerBound(names, start);
  if (pageToken === undefined) return from;
  const { after, isPrefix } = pageToken;
  const resumed = isPrefix ? indexAfterPrefix(names, after) : lowerBound(names, after);
  return Math.max(from, names[resumed] === after && !isPrefix ? resumed + 1 : resumed);
}

function inRange(name: string, { prefix, endOffset }: ListingQuery): boolean {
  return name.startsWith(prefix) && (endOffset === '' || compareNames(name, endOffset) < 0);
}

/** What there is to list: names in order, and what is listed under each. */
function source(store: ObjectStore, bucket: string, { softDeleted, versions }: ListingQuery) {
  if (softDeleted) {
    const byName = Map.groupBy(store.softDeleted(bucket), ({ name }) => name);
    return {
      names: [...byName.keys()].sort(compareNames),
      generations: (name: string) => byName.get(name) ?? [],
    };
  }
  const generations = (name: string): readonly StoredObject[] => {
    const all = store.generations(bucket, name);
    return versions ? all : all.filter(({ timeDeleted }) => timeDeleted === undefined);
  };
  return { names: store.names(bucket), generations };
}

function folderOf(name: string, { prefix, delimiter }: ListingQuery): string | undefined {
  const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : name.slice(0, at + delimiter.length);
}

/** Names with one prefix are neighbors, so a folder is skipped by bisection whatever its size. */
function indexAfterPrefix(names: readonly string[], prefix: string): number {
  let low = lowerBound(names, prefix);
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (names[middle]?.startsWith(prefix)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @throws StorageError 400 */
export function maxResultsFrom(query: URLSearchParams): number {
  const text = query.get('maxResults');
  if (text === null || text === '') return MAX_PAGE;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1)
    throw invalid(`Invalid value for maxResults: ${text}`, 'maxResults');
  return Math.min(size, MAX_PAGE);
}

const encodeToken = ({ after, isPrefix }: PageToken): string =>
  Buffer.from(`${isPrefix ? 'p' : 'n'}${after}`).toString('base64url');

function decodeToken(token: string): PageToken {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!/^[pn]/.test(text)) throw invalid('Invalid value for pageToken.', 'pageToken');
  return { after: text.slice(1), isPrefix: text.startsWith('p') };
}
