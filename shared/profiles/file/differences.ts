/** What is different at a path of two files; `before` or `after` is absent where only one of them has it. */
export interface Difference {
  path: string;
  before?: unknown;
  after?: unknown;
}

/** What is different between the contents of two files, in the order of the second one; no file is an empty one. */
export const differences = (before: unknown = {}, after: unknown = {}): Difference[] =>
  differentAt('', before, after);

function differentAt(path: string, before: unknown, after: unknown): Difference[] {
  if (isGroup(before) && isGroup(after)) {
    const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    return keys.flatMap((key) => differentAt(path === '' ? key : `${path}.${key}`, before[key], after[key]));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
