import { unavailable } from '../rpc/status.ts';

export type Fault = 'none' | 'unavailable' | 'hang';

/** What every RPC passes before it does anything. */
export class FaultGate {
  #fault: Fault = 'none';
  #waiting: (() => void)[] = [];

  set(fault: Fault): void {
    this.#fault = fault;
    if (fault === 'hang') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** Waits as long as the server hangs; throws UNAVAILABLE while it is to be unavailable. */
  async pass(): Promise<void> {
    while (this.#fault === 'hang') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#fault === 'unavailable') throw unavailable('The service is currently unavailable.');
  }
}
