/** A node of a JSON Schema, with values as the file or zod gave them: readers check before they use them. */
export type JsonSchemaNode = Readonly<Record<string, unknown>>;

export const isNode = (value: unknown): value is JsonSchemaNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keywords that say nothing about values. */
const ABOUT = [
  'description',
  'title',
  'default',
  '$comment',
  'examples',
  '$schema',
  '$id',
  'id',
  '$defs',
  'definitions',
];

export const hasRules = (node: JsonSchemaNode): boolean =>
  Object.keys(node).some((key) => !ABOUT.includes(key));

/** The node that a reference inside of the document leads to; undefined when it leads nowhere. */
export function referredTo(root: unknown, reference: string): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let node = root;
  for (const part of reference.slice(2).split('/')) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(node)) node = node[Number(key)] as unknown;
    else node = isNode(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  }
  return node;
}

/**
 * Several nodes that a value must fit all at once, as one; a text instead says which keyword of them cannot be held
 * together. Objects put their fields together, texts their patterns.
 */
export function merged(nodes: readonly JsonSchemaNode[]): JsonSchemaNode | string {
  const result: Record<string, unknown> = {};
  for (const node of nodes) {
    for (const [key, value] of Object.entries(node)) {
      const before = result[key];
      if (before === undefined || JSON.stringify(before) === JSON.stringify(value)) result[key] = value;
      else if (key === 'required') result[key] = [...new Set([...listOf(before), ...listOf(value)])];
      else if (key === 'pattern') result[key] = [before, value].flat();
      else if (key === 'properties' && isNode(before) && isNode(value)) {
        const twice = Object.keys(value).find(
          (name) =>
            Object.hasOwn(before, name) && JSON.stringify(before[name]) !== JSON.stringify(value[name]),
        );
        if (twice !== undefined) return `properties.${twice}`;
        result[key] = { ...before, ...value };
      } else if (!ABOUT.includes(key)) return key;
    }
  }
  return result;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
