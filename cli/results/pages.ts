import type { Position, ResultReader, StoredResult } from '../../shared/results/reading.ts';
import type { ViewStatus } from '../../shared/results/statuses.ts';

export interface ResultFilter {
  profile?: string;
  status?: ViewStatus;
  uploader?: string;
  /** Only results made at or after this moment. */
  since?: Date;
}

const PAGE = 300;

/** Results newest first, filtered by Firestore and read page by page, so that memory stays flat. */
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
      ...(uploader === undefined ? {} : { uploader }),
      ...(since ? { from: since } : {}),
      ...(after ? { after } : {}),
      limit: pageSize,
    });
    yield* page.results;
    after = page.next;
  } while (after);
}
