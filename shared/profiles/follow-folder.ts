import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { PriceError, PriceList } from '../prices/price-list.ts';
import { checkLadders } from './check-ladders.ts';
import type { Profile } from './define.ts';
import { BUILT_FILE, type FolderEntry, loadProfileFolder, problemAt, readProfileFolder } from './folder.ts';
import { loadReferences, ReferencesError } from './references.ts';

/** What became of a file that was saved or removed. */
export type ProfileChange = { file: string; name: string } & (
  | { kind: 'new' | 'changed' | 'removed' }
  /** The profile stays as it was; each problem with its place. */
  | { kind: 'refused'; problems: readonly string[] }
);

export interface FollowedFolder {
  profiles(): readonly Profile[];
  close(): void;
}

/** An editor writes a file in several steps. Milliseconds. */
const SETTLE_MS = 40;

type Seen = { file: string; profile: Profile; text: string };

/**
 * The profiles of a folder, now and whenever a file is saved. A file that becomes unusable leaves its profile as it
 * was. `onChange` gets each change after it has been taken up. What the build made is read once. Throws like
 * loadProfileFolder for what is unusable from the start.
 */
export function followFolder(
  folder: string,
  onChange: (changes: readonly ProfileChange[]) => void,
): FollowedFolder {
  if (!existsSync(folder) || existsSync(join(folder, BUILT_FILE))) {
    const profiles = loadProfileFolder(folder);
    return { profiles: () => profiles, close: () => undefined };
  }
  loadProfileFolder(folder);
  const state = new FolderState(folder);
  state.look();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const changes = state.look();
      if (changes.length > 0) onChange(changes);
    }, SETTLE_MS);
    timer.unref();
  };
  const watcher = watchFolder(folder, look);
  return {
    profiles: () => state.profiles(),
    close: () => {
      clearTimeout(timer);
      watcher?.close();
    },
  };
}

/** Undefined where the system has no watcher to give. */
function watchFolder(folder: string, changed: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, changed).on('error', () => undefined);
  } catch {
    return undefined;
  }
}

/** What was last seen of each file. */
class FolderState {
  readonly #folder: string;
  #seen = new Map<string, Seen>();
  /** What was said against a file, so that it is said once. */
  #refused = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  profiles(): Profile[] {
    return [...this.#seen.values()].map(({ profile }) => profile);
  }

  /** Reads every file again and says what is different. */
  look(): ProfileChange[] {
    const entries = readProfileFolder(this.#folder);
    const before = this.#seen;
    this.#seen = new Map();
    const changes = entries.flatMap((entry) => this.#take(entry, before.get(entry.name)));
    const gone = [...before].filter(([name]) => !entries.some((entry) => entry.name === name));
    for (const [name] of gone) this.#refused.delete(name);
    return [...changes, ...gone.map(([name, { file }]) => ({ kind: 'removed' as const, name, file }))];
  }

  #take(entry: FolderEntry, before: Seen | undefined): ProfileChange[] {
    const { file, name } = entry;
    const problems =
      'problems' in entry
        ? entry.problems.map((problem) => problemAt(file, problem))
        : this.#objections(entry.profile, file);
    if ('problems' in entry || problems.length > 0) {
      if (before) this.#seen.set(name, before);
      const text = problems.join('\n');
      if (this.#refused.get(name) === text) return [];
      this.#refused.set(name, text);
      return [{ kind: 'refused', name, file, problems }];
    }
    const text = JSON.stringify(entry.content);
    const wasRefused = this.#refused.delete(name);
    const isSame = before?.text === text;
    this.#seen.set(name, isSame ? before : { file, profile: entry.profile, text });
    if (isSame && !wasRefused) return [];
    return [{ kind: before ? 'changed' : 'new', name, file }];
  }

  /** What only shows when the profile is used: its pictures and its models. */
  #objections(profile: Profile, file: string): string[] {
    try {
      loadReferences([profile], join(this.#folder, 'references'));
      checkLadders(new PriceList(), [profile], Date.now());
      return [];
    } catch (error) {
      if (!(error instanceof ReferencesError || error instanceof PriceError)) throw error;
      return error.problems.map((problem) => problemAt(file, { text: problem }));
    }
  }
}
