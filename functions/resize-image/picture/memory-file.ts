import { randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file that lives in memory and has no name any more: a process that is killed leaves nothing behind. */
interface MemoryFile {
  /** Good until `close`. */
  path: string;
  close(): Promise<void>;
}

/** statfs(2), linux/magic.h */
const TMPFS_MAGIC = 0x01021994;

let folder: Promise<string | undefined> | undefined;

/** Undefined where nothing but a disk could take it (other systems than Linux) or when there is no room left. */
export async function memoryFile(bytes: Buffer): Promise<MemoryFile | undefined> {
  folder ??= memoryFolder();
  const parent = await folder;
  return parent === undefined ? undefined : write(join(parent, randomUUID()), bytes).catch(() => undefined);
}

async function memoryFolder(): Promise<string | undefined> {
  for (const candidate of ['/dev/shm', tmpdir()]) {
    const found = await statfs(candidate).catch(() => undefined);
    if (found?.type === TMPFS_MAGIC) return candidate;
  }
  return undefined;
}

async function write(path: string, bytes: Buffer): Promise<MemoryFile> {
  const file = await open(path, 'wx', 0o600);
  try {
    await rm(path);
    await file.writeFile(bytes);
    return { path: `/proc/self/fd/${file.fd}`, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
