/** `{ 'a.b': 1 }` as `{ a: { b: 1 } }`: a merging set takes nested objects where update takes field paths. */
export function nested(fields: Record<string, unknown>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(fields)) {
    const keys = path.split('.');
    let at = root;
    for (const key of keys.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[keys.at(-1) ?? path] = value;
  }
  return root;
}

/** Firestore's own class of a moment. */
interface Timestamp {
  toDate(): Date;
}

type IsTimestamp = (value: unknown) => value is Timestamp;

/** The fields with Dates in place of timestamps, at any depth. */
export function withDates(value: Record<string, unknown>, isTimestamp: IsTimestamp): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toDates(item, isTimestamp)]));
}

function toDates(value: unknown, isTimestamp: IsTimestamp): unknown {
  if (isTimestamp(value)) return value.toDate();
  if (Array.isArray(value)) return value.map((item) => toDates(item, isTimestamp));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return withDates(value as Record<string, unknown>, isTimestamp);
  }
  return value;
}
