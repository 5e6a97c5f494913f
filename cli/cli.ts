import type { Output } from './output.ts';
import type { Environment, Target } from './target.ts';

/** What every command gets. */
export interface Cli {
  out: Output;
  env: Environment;
  /** Paths that a person types are relative to this folder. */
  cwd: string;
  /** Aborted by Ctrl-C: end soon and leave everything in order. */
  interrupted: AbortSignal;
  /** Finds the pipeline at the first call; commands that need none never ask. */
  target(): Promise<Target>;
  /** The exit code of a command that did its work; what is thrown ends with its own. */
  endWith(exitCode: number): void;
}

/** Lines for the end of a command's help: what to type, and what it does. */
export function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const widest = Math.max(...lines.map(([command]) => command.length));
  const rows = lines.map(([command, meaning]) => `  $ pipeline ${command.padEnd(widest)}  ${meaning}`);
  return `\nExamples:\n${rows.join('\n')}\n`;
}
