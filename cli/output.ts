import { stripVTControlCharacters, styleText } from 'node:util';
import { type Column, tableLines } from './text/table.ts';
import { wrap } from './text/width.ts';

type Style = Parameters<typeof styleText>[0];

/** Lines longer than this are hard to read, whatever the terminal offers. */
const MAX_WIDTH = 160;

/** A pipe has no width: nothing is shortened for it. */
const UNBOUNDED = 100_000;

/**
 * Everything the command line says. Results go to stdout; progress, notes and errors to stderr, so that a pipe carries
 * results alone. Colors only on a terminal that wants them (NO_COLOR, FORCE_COLOR, --no-color).
 */
export class Output {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;

  constructor(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream) {
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Whether a person is watching: progress and next steps are shown to people only. */
  get interactive(): boolean {
    return this.stderr.isTTY === true;
  }

  /** Cells of a line on stdout; a pipe gets everything. */
  get width(): number {
    return this.stdout.isTTY ? Math.min(this.stdout.columns || 80, MAX_WIDTH) : UNBOUNDED;
  }

  line(text = ''): void {
    this.stdout.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, null, this.stdout.isTTY ? 2 : undefined));
  }

  /** One value on one line: JSON Lines. */
  jsonLine(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  /** Resolves when the reader of stdout can take more. */
  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    });
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): void {
    const width = this.width - indent.length;
    const lines = tableLines(columns, rows, { width, paintTitle: (title) => this.dim(title) });
    for (const line of lines) this.line(`${indent}${line}`.trimEnd());
  }

  /** What anyone who uses the result must know, also where nobody is watching. */
  remark(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  /** Said to a person only, never into a pipe. */
  note(text: string): void {
    if (this.interactive) this.stderr.write(`${this.paintError('dim', text)}\n`);
  }

  error(message: string, hint?: string): void {
    this.stderr.write(this.errorText(message, hint));
  }

  /** What a person should know although the command does what was asked. */
  warning(message: string, hint?: string): void {
    this.stderr.write(this.#signed(this.paintError('yellow', '!'), message, hint));
  }

  /** What `error` writes: the sentence, and dimmed below it what to do next. */
  errorText(message: string, hint?: string): string {
    return this.#signed(this.paintError('red', '✗'), message, hint);
  }

  #signed(sign: string, message: string, hint?: string): string {
    const cells = (this.stderr.isTTY ? Math.min(this.stderr.columns || 80, MAX_WIDTH) : UNBOUNDED) - 2;
    const said = message.split('\n').flatMap((line) => wrap(line, cells));
    const advice = (hint ?? '').split('\n').flatMap((line) => wrap(line, cells));
    const lines = [
      ...said,
      ...(hint === undefined ? [] : advice.map((line) => this.paintError('dim', line))),
    ];
    return lines.map((line, index) => `${index === 0 ? sign : ' '} ${line}\n`).join('');
  }

  bold = (text: string): string => this.#paint('bold', text, this.stdout);
  dim = (text: string): string => this.#paint('dim', text, this.stdout);
  red = (text: string): string => this.#paint('red', text, this.stdout);
  green = (text: string): string => this.#paint('green', text, this.stdout);
  yellow = (text: string): string => this.#paint('yellow', text, this.stdout);
  cyan = (text: string): string => this.#paint('cyan', text, this.stdout);

  /** Colored for stderr, where progress and errors go. */
  paintError(style: Style, text: string): string {
    return this.#paint(style, text, this.stderr);
  }

  #paint(style: Style, text: string, stream: NodeJS.WriteStream): string {
    const painted = styleText(style, text, { stream });
    // A stream that is no terminal takes no color even where styleText would give it.
    return stream.isTTY || process.env['FORCE_COLOR'] ? painted : stripVTControlCharacters(painted);
  }
}
