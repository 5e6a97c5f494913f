import { invalid } from './errors.ts';

/** Which members of an object are wanted; an empty map under a name wants all of it. `*` stands for any name. */
type Mask = Map<string, Mask>;

/**
 * The part of `body` that the parameter `fields` asks for: `items(name,size),nextPageToken`, `a/b/c`, `*`.
 * Members that do not exist are left out, as in production.
 * @throws StorageError 400 on a mask that cannot be read
 * Source: https://cloud.google.com/storage/docs/json_api#partial-response
 */
export function partialResponse(body: unknown, fields: string): unknown {
  return pick(body, parseMask(fields));
}

function pick(value: unknown, mask: Mask): unknown {
  if (mask.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => pick(entry, mask));
  const picked: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const below = mask.get(name) ?? mask.get('*');
    if (below !== undefined) picked[name] = pick(member, below);
  }
  return picked;
}

function parseMask(fields: string): Mask {
  const malformed = (): Error => invalid(`Invalid field selection ${fields}`, 'fields');
  const tokens = fields.match(/[A-Za-z0-9_.*-]+|[(),/]/g) ?? [];
  if (tokens.join('') !== fields.replaceAll(/\s/g, '')) throw malformed();
  let at = 0;
  const selections = (mask: Mask): void => {
    do selection(mask);
    while (tokens[at] === ',' && ++at > 0);
  };
  const selection = (mask: Mask): void => {
    const name = tokens[at++];
    if (name === undefined || !/^[A-Za-z0-9_.*-]+$/.test(name)) throw malformed();
    const below: Mask = mask.get(name) ?? new Map();
    mask.set(name, below);
    if (tokens[at] === '/') {
      at += 1;
      selection(below);
    } else if (tokens[at] === '(') {
      at += 1;
      selections(below);
      if (tokens[at++] !== ')') throw malformed();
    }
  };
  const mask: Mask = new Map();
  selections(mask);
  if (at !== tokens.length) throw malformed();
  return mask;
}
