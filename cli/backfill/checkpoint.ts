import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../failure.ts';

/** How far a backfill has come: everything up to the name `after` has been looked at and sent. */
const checkpoint = z.object({
  url: z.string(),
  after: z.string(),
  /** Over all runs so far. */
  checked: z.number(),
  sent: z.number(),
  usd: z.number(),
});

export type Checkpoint = z.infer<typeof checkpoint>;

/** One file for each address, in the folder that the person stands in. */
export const checkpointPath = (cwd: string, url: string): string =>
  join(cwd, `.pipeline-backfill-${createHash('sha256').update(url).digest('hex').slice(0, 8)}.json`);

/** Undefined when there is none. */
export async function readCheckpoint(path: string, url: string): Promise<Checkpoint | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = checkpoint.safeParse(parseJson(text));
  if (parsed.success && parsed.data.url === url) return parsed.data;
  throw new CliError(`${path} is no checkpoint of ${url}.`, {
    hint: 'Delete it, or name another file with --checkpoint.',
  });
}

/** Whole or not at all: a crash in the middle leaves the earlier one. */
export async function writeCheckpoint(path: string, value: Checkpoint): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(value)}\n`);
  await rename(`${path}.new`, path);
}

export const removeCheckpoint = (path: string): Promise<void> => rm(path, { force: true });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
