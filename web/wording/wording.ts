import type { ResultView } from '../../shared/results/api/result.ts';
import type { ViewStatus } from '../../shared/results/statuses.ts';

const number = new Intl.NumberFormat('en');
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const threeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const dateAndTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
const shortDateAndTime = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

export const count = (value: number): string => number.format(value);

/** Decimal units, as Cloud Storage and file managers of phones show them. */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  if (value < 1_000_000) return `${oneDigit.format(value / 1_000)} kB`;
  return `${oneDigit.format(value / 1_000_000)} MB`;
}

export const duration = (ms: number): string =>
  ms < 1_000
    ? `${Math.round(ms)} ms`
    : ms < 60_000
      ? `${oneDigit.format(ms / 1_000)} s`
      : `${oneDigit.format(ms / 60_000)} min`;

/** US dollars: small amounts with the digits that matter. */
export const dollars = (usd: number): string => (usd < 0 ? `−${amount(-usd)}` : amount(usd));

const amount = (usd: number): string =>
  `$${usd < 0.1 ? threeDigits.format(usd) : usd < 100 ? usd.toFixed(2) : number.format(Math.round(usd))}`;

export const oneDecimal = (value: number): string => oneDigit.format(value);

export const percent = (share: number): string => `${oneDigit.format(share * 100)} %`;

export const moment = (iso: string): string => dateAndTime.format(new Date(iso));

export const shortMoment = (iso: string): string => shortDateAndTime.format(new Date(iso));

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

export function ago(iso: string, nowMs: number): string {
  const ms = new Date(iso).getTime() - nowMs;
  for (const [unit, length] of UNITS) {
    if (Math.abs(ms) >= length) return relative.format(Math.round(ms / length), unit);
  }
  return 'just now';
}

/** The server puts a random word before the extension; people know the file without it. */
export const fileNameOf = ({ source }: ResultView): string =>
  (source.name.split('/').at(-1) ?? source.name).replace(/-[0-9a-f]{12}(?=\.[a-z0-9]+$|$)/, '');

export const STATUS_WORDS: Readonly<Record<ViewStatus, string>> = {
  queued: 'Queued',
  processing: 'Processing',
  completed: 'Completed',
  failed: 'Failed',
  refused: 'Refused',
  parked: 'Parked',
};

const STAGE_WORDS: Partial<Record<ResultView['stage'], string>> = {
  preparing: 'Preparing',
  prepared: 'Prepared',
  analyzing: 'Analyzing',
};

/** One word for where a picture stands: the finer stage while it is in work. */
export const statusWord = ({ status, stage }: ResultView): string =>
  STAGE_WORDS[stage] ?? STATUS_WORDS[status];

const ACRONYMS = new Set(['id', 'sku', 'ean', 'gtin', 'isbn', 'upc', 'url', 'vin', 'qr']);

/** `shelfId` as `Shelf ID`. */
export function label(key: string): string {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .map((word) => word.toLowerCase())
    .map((word) => (ACRONYMS.has(word) ? word.toUpperCase() : word))
    .join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SUMMARY_LENGTH = 140;

/** The first thing that an answer says, as one line. */
export function summary(answer: Record<string, unknown>): string {
  const parts = Object.entries(answer)
    .filter(([key]) => key !== 'confidence')
    .map(([key, value]) => brief(key, value))
    .filter((part) => part !== '');
  const text = parts.join(' · ');
  return text.length > SUMMARY_LENGTH ? `${text.slice(0, SUMMARY_LENGTH - 1)}…` : text;
}

function brief(key: string, value: unknown): string {
  if (value === null || value === '') return '';
  if (Array.isArray(value)) {
    if (value.length === 0) return '';
    return value.every((item) => typeof item !== 'object')
      ? value.slice(0, 6).join(', ')
      : `${count(value.length)} ${value.length === 1 ? label(key).replace(/s$/, '').toLowerCase() : label(key).toLowerCase()}: ${value.slice(0, 3).map(firstField).join(', ')}`;
  }
  if (typeof value === 'object') return '';
  return typeof value === 'string' && value.length > 24 ? value : `${label(key)} ${String(value)}`;
}

const firstField = (item: unknown): string =>
  typeof item === 'object' && item !== null ? String(Object.values(item)[0] ?? '') : String(item);

/** Nobody has given up on it, and it waits for no stated time. */
export const isOnItsWay = (status: ViewStatus): boolean => status === 'queued' || status === 'processing';
