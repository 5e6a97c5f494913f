import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../../evaluation/outcomes.ts';

/** How a question ended, under the key that says which question it was. */
export interface KeptOutcome extends Omit<Outcome, 'label' | 'variant' | 'repeat'> {
  key: string;
  /** False for what another time may bring, such as an overloaded model: it is asked again by the next run. */
  isFinal: boolean;
}

type Line =
  /** Money that a call may cost, written before it is made; nano-dollars. */
  | { kind: 'call'; id: string; atMost: number }
  /** What it did cost. */
  | { kind: 'paid'; id: string; nanos: number }
  | ({ kind: 'outcome' } & KeptOutcome);

const FILE = 'journal.jsonl';

/**
 * What a run has asked and paid for, line by line: what was written survives a kill -9, and the next run in the same
 * folder goes on from there. A call that was under way at that moment counts as paid at its highest price.
 */
export class Journal {
  readonly #file: number;
  /** Tells the calls of this process from those of others before it. */
  readonly #run = randomUUID();
  readonly #outcomes = new Map<string, KeptOutcome>();
  readonly #open = new Map<string, number>();
  #paid = 0;
  #calls = 0;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, FILE);
    this.#file = openSync(path, 'a+');
    const text = readFileSync(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    // A line that was cut off by the end of its process says nothing.
    if (whole.length < text.length) ftruncateSync(this.#file, Buffer.byteLength(whole));
    for (const line of whole.split('\n')) if (line !== '') this.#take(JSON.parse(line) as Line);
    this.#paid = this.spentNanos;
    this.#open.clear();
  }

  /** Nano-dollars of all runs in this folder, calls under way at their highest price. */
  get spentNanos(): number {
    return this.#paid + this.heldNanos;
  }

  /** Nano-dollars that calls under way hold and may give back. */
  get heldNanos(): number {
    return [...this.#open.values()].reduce((sum, nanos) => sum + nanos, 0);
  }

  outcome(key: string): KeptOutcome | undefined {
    return this.#outcomes.get(key);
  }

  /** Returns the function that says what the call did cost. */
  begin(atMost: number): (nanos: number) => void {
    this.#calls += 1;
    const id = `${this.#run}-${this.#calls}`;
    this.#write({ kind: 'call', id, atMost });
    let over = false;
    return (nanos) => {
      if (over) return;
      over = true;
      this.#write({ kind: 'paid', id, nanos });
    };
  }

  keep(outcome: KeptOutcome): void {
    this.#write({ kind: 'outcome', ...outcome });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(line: Line): void {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
    this.#take(line);
  }

  #take(line: Line): void {
    switch (line.kind) {
      case 'call':
        this.#open.set(line.id, line.atMost);
        return;
      case 'paid':
        this.#open.delete(line.id);
        this.#paid += line.nanos;
        return;
      case 'outcome': {
        const { kind: _kind, ...outcome } = line;
        this.#outcomes.set(outcome.key, outcome);
      }
    }
  }
}
