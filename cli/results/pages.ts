import type { Position, ResultReader, StoredResult } from '../../shared/results/reading.ts';
import type { ViewStatus } from '../../shared/results/view.ts';

export interface ResultFilter {
  profile?: string;
  status?: ViewStatus;
  uploader?: string;
  /** Only results made at or after this moment. */
  since?: Date;
}

const PAGE = 300;

/**
 * Results newest first, read page by page so that memory stays flat. Profile and status are filtered by Firestore, the
 * uploader here: every result of the other filters is read for it.
 */
export async function* readPages(
  results: ResultReader,
  filter: ResultFilter,
  pageSize = PAGE,
): AsyncGenerator<StoredResult> {
  const { profile, status, uploader, since } = filter;
  let after: Position | undefined;
  do {
    const page = await results.list({
      ...(profile === undefined ? {} : { profile }),
      ...(status === undefined ? {} : { status }),
      ...(after ? { after } : {}),
      limit: pageSize,
    });
    for (const result of page.results) {
      if (since && result.document.createdAt < since) return;
      if (uploader === undefined || result.document.source.uploader === uploader) yield result;
    }
    after = page.next;
  } while (after);
}
