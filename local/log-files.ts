import { createWriteStream, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/**
 * Each function's lines go to a file of its own; the run before keeps its lines in `<name>.previous.log`. A full disk
 * costs log lines and nothing else: what goes wrong also stands in the result documents.
 */
export function logFiles(
  dir: string,
  onProblem: (sentence: string) => void,
): (name: string, line: string) => void {
  mkdirSync(dir, { recursive: true });
  const streams = new Map<string, WriteStream | 'broken'>();
  return (name, line) => {
    const stream = streams.get(name) ?? open(dir, name);
    if (!streams.has(name) && stream !== 'broken') {
      stream.on('error', (error) => {
        streams.set(name, 'broken');
        onProblem(`The log of ${name} in ${dir} cannot be written and is left out: ${error.message}.`);
      });
      streams.set(name, stream);
    }
    if (stream !== 'broken') stream.write(`${line}\n`);
  };
}

function open(dir: string, name: string): WriteStream {
  const path = join(dir, `${name}.log`);
  try {
    renameSync(path, join(dir, `${name}.previous.log`));
  } catch {
    // The first run has none before it.
  }
  return createWriteStream(path);
}
