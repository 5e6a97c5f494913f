import { plain } from '../text/plain.ts';

/** Fields that are read elsewhere on the line or tell little in one. */
const LEFT_OUT = new Set(['confidence']);

/** An answer in one line: `A-3 · 2 items · 12345`. Texts first come as they are, lists as their number or their words. */
export function digest(answer: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(answer).flatMap(([field, value]) =>
    LEFT_OUT.has(field) ? [] : partOf(field, value),
  );
  return parts.length === 0 ? 'nothing found' : parts.join(' · ');
}

function partOf(field: string, value: unknown): string[] {
  if (value === null || value === undefined || value === '') return [];
  if (typeof value === 'string') return value === 'none' ? [] : [labeled(field, value)];
  if (typeof value === 'number' || typeof value === 'boolean') return [`${words(field)} ${value}`];
  if (Array.isArray(value)) return listPart(field, value);
  return [`${words(field)} ${plain(JSON.stringify(value))}`];
}

const MAX_WORDS = 6;

function listPart(field: string, list: readonly unknown[]): string[] {
  if (list.length === 0) return [`no ${words(field)}`];
  if (list.every((item) => typeof item === 'string')) {
    const more = list.length > MAX_WORDS ? ', …' : '';
    return [plain(list.slice(0, MAX_WORDS).join(', ') + more)];
  }
  return [
    `${list.length} ${list.length === 1 ? words(field).replace(/s$/, '') : words(field)}${firstOf(list)}`,
  ];
}

/** What the first entries are called, by their first field: `2 items (12345, 12346)`. */
function firstOf(list: readonly unknown[]): string {
  const names = list.slice(0, 3).flatMap((item) => {
    const first = typeof item === 'object' && item !== null ? Object.values(item)[0] : item;
    return typeof first === 'string' || typeof first === 'number' ? [plain(String(first))] : [];
  });
  if (names.length === 0) return '';
  return ` (${names.join(', ')}${list.length > names.length ? ', …' : ''})`;
}

/** Words of a scale (`high`) say nothing without their field; sentences do. */
const labeled = (field: string, value: string): string =>
  value.includes(' ') ? plain(value) : `${words(field)} ${plain(value)}`;

/** `shelfId` as `shelf id`. */
export const words = (field: string): string => field.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
