/** What happens to every request: nothing, 503, no answer until lifted, a destroyed connection, or no room to write. */
export type Fault = 'none' | 'unavailable' | 'hang' | 'reset' | 'full';

/** Breaks the server on purpose, for tests of the code that calls it. */
export class FaultSwitch {
  #fault: Fault = 'none';
  #waiting: (() => void)[] = [];

  set(fault: Fault): void {
    this.#fault = fault;
    if (fault === 'hang') return;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** The fault to apply now; waits as long as requests hang. */
  async pass(): Promise<Exclude<Fault, 'hang'>> {
    while (this.#fault === 'hang') await new Promise<void>((resume) => this.#waiting.push(resume));
    return this.#fault;
  }
}
