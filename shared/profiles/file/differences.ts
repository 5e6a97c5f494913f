/** What is different at a path of two files; `before` or `after` is absent where only one of them has it. */
export interface Difference {
  path: string;
  before?: unknown;
  after?: unknown;
}

/** What is different between the contents of two files, in the order of the second one; no file is an empty one. */
export const differences = (before: unknown = {}, after: unknown = {}): Difference[] =>
  differentAt('', before, after);

/** A file with the bytes of its reference pictures, as a digest each. */
interface WithPictures {
  content: unknown;
  pictures: readonly { file: string; sha256: string }[];
}

/** The same of files with their reference pictures: another picture under the same name is a difference. */
export function differencesWithPictures(before: WithPictures | undefined, after: WithPictures): Difference[] {
  const known = new Map(before?.pictures.map(({ file, sha256 }) => [file, sha256]));
  const replaced = after.pictures.flatMap(({ file, sha256 }): Difference[] => {
    const was = known.get(file);
    if (was === undefined || was === sha256) return [];
    return [{ path: `references/${file}`, before: `sha256 ${was}`, after: `sha256 ${sha256}` }];
  });
  return [...differences(before?.content, after.content), ...replaced];
}

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
