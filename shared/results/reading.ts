import type { Documents, Filter, Moment } from '../cloud/firestore/documents.ts';
import { type ResultDocument, resultDocument } from './document.ts';
import { LIST_FILTERS, type ListFilter, listQuery, type QueryShape, RESULT_QUERIES } from './queries.ts';
import { STATUSES, type Status, stagesOf, type ViewStatus } from './statuses.ts';

export interface StoredResult {
  id: string;
  document: ResultDocument;
}

/** The last result of a page; the next page begins after it. */
export interface Position {
  createdAt: Moment;
  id: string;
}

interface ListOptions {
  profile?: string;
  status?: ViewStatus;
  uploader?: string;
  /** Only results made at or after this moment. */
  from?: Date;
  after?: Position;
  limit: number;
}

export interface ResultChange {
  kind: 'added' | 'modified' | 'removed';
  result: StoredResult;
}

const { collection } = RESULT_QUERIES.newest;

/** Reading the result documents. What has outlived its retention, or is of a shape this version does not know, is absent. */
export class ResultReader {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async get(id: string): Promise<StoredResult | undefined> {
    const stored = await this.#documents.get(`${collection}/${id}`);
    return stored && parse(stored.id, stored.data);
  }

  /** One page, newest first; `next` is where the following page begins, undefined at the end. */
  async list(options: ListOptions): Promise<{ results: StoredResult[]; next: Position | undefined }> {
    const { after, limit } = options;
    const { where, orderBy } = queryFor(options);
    const stored = await this.#documents.query(collection, {
      where,
      orderBy,
      ...(after ? { startAfter: [after.createdAt, after.id] } : {}),
      limit: limit + 1,
    });
    const page = stored.slice(0, limit);
    const last = page.at(-1);
    const createdAt = last?.exactly('createdAt');
    return {
      results: page.flatMap(({ id, data }) => parse(id, data) ?? []),
      next: stored.length > limit && last && createdAt ? { createdAt, id: last.id } : undefined,
    };
  }

  /**
   * How many results there are of each stage, of one uploader or of all. What has outlived its retention counts until
   * Firestore removes it.
   */
  async counts(uploader?: string): Promise<Record<Status, number>> {
    const [ofStatus, ofUploader] = RESULT_QUERIES.ofStatusAndUploader.where;
    const narrowed = uploader === undefined ? [] : [{ ...ofUploader, value: uploader }];
    const counted = await Promise.all(
      STATUSES.map(async (status) => {
        const count = await this.#documents.count(collection, [{ ...ofStatus, value: status }, ...narrowed]);
        return [status, count] as const;
      }),
    );
    return Object.fromEntries(counted) as Record<Status, number>;
  }

  /**
   * Follows the `limit` results that changed last; the first call brings all of them as added. A result that leaves
   * that window, or is deleted, is reported as removed. Returns the function that ends it.
   */
  watchLastChanged(
    limit: number,
    onChange: (changes: readonly ResultChange[]) => void,
    onError: (error: unknown) => void,
  ): () => void {
    const { orderBy } = RESULT_QUERIES.lastChanged;
    return this.#documents.watch(
      collection,
      { orderBy, limit },
      (changes) =>
        onChange(
          changes.flatMap(({ kind, id, data }) => {
            const result = parse(id, data);
            return result ? [{ kind, result }] : [];
          }),
        ),
      onError,
    );
  }
}

function queryFor(options: ListOptions): { where: Filter[]; orderBy: QueryShape['orderBy'] } {
  const { status } = options;
  const values = { ...options, status: status === undefined ? undefined : stagesOf(status) };
  const filters = (Object.keys(LIST_FILTERS) as ListFilter[]).filter((name) => values[name] !== undefined);
  return {
    where: filters.map((name) => ({ ...LIST_FILTERS[name], value: values[name] })),
    orderBy: listQuery(filters).orderBy,
  };
}

function parse(id: string, data: Record<string, unknown>): StoredResult | undefined {
  const parsed = resultDocument.safeParse(data);
  if (!parsed.success || isPast(parsed.data.expireAt)) return undefined;
  return { id, document: parsed.data };
}

const isPast = (time: Date | undefined): boolean => time !== undefined && time.getTime() <= Date.now();
