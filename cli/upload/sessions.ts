import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** An upload session of Cloud Storage lives a week; some time is kept for finishing. */
const MAX_AGE_MS = 6 * 86_400_000;

/**
 * Remembers unfinished uploads of big files between runs, each in a file that only its owner may read: a session's
 * address is as good as a key. What cannot be kept is not resumed, and nothing else happens.
 */
export class UploadSessions {
  readonly #dir: string;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#dir = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gemini-image-pipeline', 'uploads');
  }

  /** The address of the unfinished upload of exactly this content to exactly this place. */
  async find(identity: readonly string[]): Promise<string | undefined> {
    const path = this.#path(identity);
    try {
      const { mtimeMs } = await stat(path);
      return Date.now() - mtimeMs < MAX_AGE_MS ? await readFile(path, 'utf8') : undefined;
    } catch {
      return undefined;
    }
  }

  async keep(identity: readonly string[], sessionUrl: string): Promise<void> {
    try {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      await writeFile(this.#path(identity), sessionUrl, { mode: 0o600 });
    } catch {
      // A read-only home: this upload cannot be continued by another run.
    }
  }

  async forget(identity: readonly string[]): Promise<void> {
    await rm(this.#path(identity), { force: true }).catch(() => {});
  }

  #path(identity: readonly string[]): string {
    return join(this.#dir, createHash('sha256').update(JSON.stringify(identity)).digest('hex'));
  }
}
