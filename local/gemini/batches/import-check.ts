const MAX_NESTING = 15;

/**
 * What Vertex AI's import of a file of requests refuses, as for a table: one such row fails the whole job. Undefined
 * when the row can be imported.
 */
export function importProblem(row: unknown, depth = 1): string | undefined {
  if (depth > MAX_NESTING) return `nested deeper than ${MAX_NESTING} levels`;
  if (Array.isArray(row)) {
    if (row.includes(null)) return 'null in a list';
    return firstProblem(row, depth);
  }
  if (typeof row !== 'object' || row === null) return undefined;
  const keys = Object.keys(row);
  if (keys.length === 0) return 'a record without fields';
  const odd = keys.find((key) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key));
  return odd === undefined ? firstProblem(Object.values(row), depth) : `the field name "${odd}"`;
}

const firstProblem = (values: readonly unknown[], depth: number): string | undefined =>
  values.map((value) => importProblem(value, depth + 1)).find((problem) => problem !== undefined);
