import { invalid } from './errors.ts';

/**
 * What `matchGlob` of a listing means: `*` and `?` stay within one folder, `**` goes over slashes, `[a-c]` and `[!x]`
 * are sets, `{a,b}` is a choice.
 * @throws StorageError 400 on a pattern that ends inside brackets
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob
 */
export function globMatcher(glob: string): (name: string) => boolean {
  const malformed = (): Error => invalid(`Invalid glob pattern: ${glob}`, 'matchGlob');
  let pattern = '';
  let open = 0;
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? '';
    if (glob.startsWith('**/', at)) {
      pattern += '(?:.*/)?';
      at += 2;
    } else if (glob.startsWith('**', at)) {
      pattern += '.*';
      at += 1;
    } else if (character === '*') pattern += '[^/]*';
    else if (character === '?') pattern += '[^/]';
    else if (character === '{' && ++open) pattern += '(?:';
    else if (character === '}' && open > 0 && open--) pattern += ')';
    else if (character === ',' && open > 0) pattern += '|';
    else if (character === '[') {
      const end = glob.indexOf(']', at + 2);
      if (end < 0) throw malformed();
      const set = glob
        .slice(at + 1, end)
        .replace(/^[!^]/, '^')
        .replaceAll(/[\\[\]&]/g, '\\$&');
      pattern += `[${set}]`;
      at = end;
    } else if (character === '\\' && at + 1 < glob.length) pattern += literal(glob[++at] ?? '');
    else pattern += literal(character);
  }
  if (open > 0) throw malformed();
  const matcher = new RegExp(`^${pattern}$`, 'su');
  return (name) => matcher.test(name);
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
