import { invalidArgument } from '../rpc/status.ts';

/** The page token is how many items came before. */
export function pageOf<Item>(
  items: readonly Item[],
  { pageSize = 0, pageToken = '' }: { pageSize?: number; pageToken?: string },
): { page: Item[]; nextPageToken: string } {
  const start = pageToken === '' ? 0 : Number(pageToken);
  if (!Number.isInteger(start) || start < 0)
    throw invalidArgument(`The page token "${pageToken}" is not ours.`);
  const end = pageSize > 0 ? start + pageSize : items.length;
  return { page: items.slice(start, end), nextPageToken: end < items.length ? String(end) : '' };
}
