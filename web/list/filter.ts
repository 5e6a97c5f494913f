import type { ResultView } from '../../shared/results/api/result.ts';
import { VIEW_STATUSES, type ViewStatus } from '../../shared/results/statuses.ts';

/** How far back the list reaches, by its word in the address. Milliseconds. */
export const SPANS = { '15m': 900_000, '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
export type Span = keyof typeof SPANS;

export interface Filter {
  profile?: string;
  status?: ViewStatus;
  uploader?: string;
  span?: Span;
}

const isStatus = (text: string | null): text is ViewStatus =>
  (VIEW_STATUSES as readonly (string | null)[]).includes(text);

const isSpan = (text: string | null): text is Span => text !== null && Object.hasOwn(SPANS, text);

/** Reads the query of an address; what no filter could mean is left out. */
export function filterOf(search: string): Filter {
  const query = new URLSearchParams(search);
  const text = (name: string) => query.get(name) || undefined;
  const [status, span, profile, uploader] = [
    query.get('status'),
    query.get('span'),
    text('profile'),
    text('uploader'),
  ];
  return {
    ...(profile ? { profile } : {}),
    ...(isStatus(status) ? { status } : {}),
    ...(uploader ? { uploader } : {}),
    ...(isSpan(span) ? { span } : {}),
  };
}

/** The address of the list with that filter. */
export function listHref(filter: Filter): string {
  const query = new URLSearchParams({ ...filter }).toString();
  return query === '' ? '/' : `/?${query}`;
}

export const isFiltered = (filter: Filter): boolean => Object.keys(filter).length > 0;

/** Parameters of the API for a filter that began to hold at `nowMs`. */
export function parametersOf({ span, ...others }: Filter, nowMs: number): Record<string, string> {
  return { ...others, ...(span ? { from: new Date(nowMs - SPANS[span]).toISOString() } : {}) };
}

/** Whether a result belongs to what those parameters ask for. */
export const fits = (result: ResultView, parameters: Readonly<Record<string, string>>): boolean => {
  const { profile, status, uploader, from } = parameters as Partial<Record<string, string>>;
  return (
    (profile === undefined || result.profile === profile) &&
    (status === undefined || result.status === status) &&
    (uploader === undefined || result.source.uploader === uploader) &&
    (from === undefined || result.createdAt >= from)
  );
};

/** The filter with one part changed, or taken away. */
export function withPart<K extends keyof Filter>(
  filter: Filter,
  key: K,
  value: Filter[K] | undefined,
): Filter {
  const { [key]: _before, ...others } = filter;
  return value === undefined || value === '' ? others : { ...others, [key]: value };
}
