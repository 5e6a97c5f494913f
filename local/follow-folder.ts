import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import {
  BUILT_FILE,
  type FolderEntry,
  loadProfileFolder,
  problemAt,
  readProfileFolder,
} from '../shared/profiles/folder.ts';
import { readFrom } from '../shared/profiles/references.ts';
import type { Candidate } from '../shared/profiles/store/candidate.ts';
import { examineFile } from '../shared/profiles/store/examine.ts';

/** What became of a file that was saved or removed. */
export type ProfileChange = { file: string; name: string } & (
  | { kind: 'new' | 'changed'; candidate: Candidate }
  | { kind: 'removed' }
  /** The profile stays as it was; each problem with its place. */
  | { kind: 'refused'; problems: readonly string[] }
);

export interface FollowedFolder {
  /** What the files say now. */
  profiles(): readonly Candidate[];
  close(): void;
}

/** An editor writes a file in several steps. Milliseconds. */
const SETTLE_MS = 40;

type Seen = { file: string; candidate: Candidate };

/**
 * The profiles of a folder, now and whenever a file is saved. A file that becomes unusable leaves its profile as it
 * was. `onChange` gets each change. Throws like loadProfileFolder for what is unusable from the start.
 */
export function followFolder(
  folder: string,
  onChange: (changes: readonly ProfileChange[]) => void,
): FollowedFolder {
  if (!existsSync(folder) || existsSync(join(folder, BUILT_FILE)))
    return { profiles: () => [], close: () => undefined };
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

  profiles(): Candidate[] {
    return [...this.#seen.values()].map(({ candidate }) => candidate);
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
    const { file, name, text } = entry;
    const readPicture = readFrom(join(this.#folder, 'references'));
    const examined = examineFile(name, text, entry, { readPicture, nowMs: Date.now() });
    if ('problems' in examined) {
      if (before) this.#seen.set(name, before);
      const problems = examined.problems.map((problem) => problemAt(file, problem));
      if (this.#refused.get(name) === problems.join('\n')) return [];
      this.#refused.set(name, problems.join('\n'));
      return [{ kind: 'refused', name, file, problems }];
    }
    const { candidate } = examined;
    const wasRefused = this.#refused.delete(name);
    this.#seen.set(name, { file, candidate });
    if (before?.candidate.digest === candidate.digest && !wasRefused) return [];
    return [{ kind: before ? 'changed' : 'new', name, file, candidate }];
  }
}
