import type { ChildProcess } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { answerOf, start } from '../child.ts';
import type { Mutant } from './mutations.ts';
import { type Ending, type Fault, faultOf, type Outcome } from './verdict.ts';

/** A picture that was met in a way it must not be; it is kept at `path`. */
interface Finding {
  fault: Fault;
  name: string;
  path: string;
  details: string;
}

export interface Met {
  findings: Finding[];
  outcomes: { name: string; outcome: Outcome }[];
}

/** Longer than the time limit that the pictures are given: what is still silent is not coming back. */
const SILENT_AFTER_MS = 330_000;

/** Decodes pictures in as many processes at once; a process that ends or falls silent is replaced. */
export async function decodeAll(
  mutants: Iterator<Mutant>,
  { folder, lanes, onEach }: { folder: string; lanes: number; onEach: (done: number) => void },
): Promise<Met> {
  const met: Met = { findings: [], outcomes: [] };
  let done = 0;
  const lane = async (number: number): Promise<void> => {
    let child = await ready();
    for (let next = mutants.next(); !next.done; next = mutants.next()) {
      const path = join(folder, `${number}-${done}.bin`);
      await writeFile(path, next.value.bytes);
      const answer = await answerFor(child, path);
      const fault = faultOf(answer, next.value.isCutOff);
      if (!('exit' in answer) && !('killedAfterMs' in answer)) {
        met.outcomes.push({ name: next.value.name, outcome: answer });
      } else {
        child.kill('SIGKILL');
        child = await ready();
      }
      if (fault) met.findings.push({ fault, name: next.value.name, path, details: JSON.stringify(answer) });
      else await rm(path);
      done += 1;
      onEach(done);
    }
    child.kill('SIGKILL');
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return met;
}

async function ready(): Promise<ChildProcess> {
  const child = start('./fuzz-pictures/decode.ts', []);
  await answerOf(child, z.literal('ready'));
  return child;
}

async function answerFor(child: ChildProcess, path: string): Promise<Outcome | Ending> {
  const answer = Promise.withResolvers<Outcome | Ending>();
  const onMessage = (message: unknown) => answer.resolve(message as Outcome);
  const onExit = (code: number | null, signal: string | null) =>
    answer.resolve({ exit: `${signal ?? code}` });
  const timer = setTimeout(() => answer.resolve({ killedAfterMs: SILENT_AFTER_MS }), SILENT_AFTER_MS);
  child.once('message', onMessage);
  child.once('exit', onExit);
  if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
  else child.send(path);
  try {
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    child.off('message', onMessage);
    child.off('exit', onExit);
  }
}
