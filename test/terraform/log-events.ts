import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Level = 'info' | 'warn' | 'error';

/** The first argument of a call of the log, up to the next comma or the end of the call. */
const CALL = /\blog\.(info|warn|error)\(\s*([^,)]*)/g;
/** A call that is handed the name of the error that it logs. */
const HANDED_ON = /#attempt\(('[^']+')/g;
const NAME = /'([a-z]+(?:\.[a-z-]+)*)'/g;

const namesIn = (text: string): string[] => [...text.matchAll(NAME)].map(([, name = '']) => name);

/** Every event that the functions write, with its level; read from the sources. */
export function writtenEvents(): Map<string, Level> {
  const events = new Map<string, Level>();
  for (const text of sources()) {
    for (const [, level, argument = ''] of text.matchAll(CALL))
      for (const name of namesIn(argument)) events.set(name, level as Level);
    for (const [, argument = ''] of text.matchAll(HANDED_ON))
      for (const name of namesIn(argument)) events.set(name, 'error');
  }
  return events;
}

function sources(): string[] {
  return ['functions', 'shared'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('#log.', 'log.')),
  );
}

/** Every event that a metric of terraform/modules/pipeline/metrics.tf counts. */
export function countedEvents(): string[] {
  const text = readFileSync(join('terraform/modules/pipeline', 'metrics.tf'), 'utf8');
  const lists = [...text.matchAll(/events += \[([^\]]*)\]/g)].map(([, list = '']) => list);
  const single = [...text.matchAll(/\bevent = ("[a-z.-]+")/g)].map(([, event = '']) => event);
  return [...lists, ...single].flatMap((part) =>
    [...part.matchAll(/"([^"]+)"/g)].map(([, event = '']) => event),
  );
}
