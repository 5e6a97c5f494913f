import { type RpcError, toStatus } from '../rpc/status.ts';
import { isUnreadable } from '../rpc/strict-decoding.ts';
import type { FaultGate } from './fault-gate.ts';
import { type ListenCall, type ListenContext, type ListenRequest, ListenStream } from './listen.ts';

/** All open Listen streams. */
export class Listeners {
  readonly #context: ListenContext;
  readonly #gate: FaultGate;
  readonly #onError: (e: unknown) => void;
  readonly #streams = new Map<ListenCall, ListenStream>();
  #flushing = false;

  constructor(context: ListenContext, gate: FaultGate, onError: (e: unknown) => void) {
    this.#context = context;
    this.#gate = gate;
    this.#onError = onError;
    context.store.onCommit((documents, changes) => {
      for (const stream of this.#streams.values()) stream.note(documents, changes);
      this.#scheduleFlush();
    });
  }

  accept(call: ListenCall): void {
    const stream = new ListenStream(call, this.#context);
    this.#streams.set(call, stream);
    call.on('data', (request: ListenRequest) => void this.#receive(call, stream, request));
    call.on('end', () => {
      this.#streams.delete(call);
      call.end();
    });
    call.on('cancelled', () => this.#streams.delete(call));
    call.on('error', () => this.#streams.delete(call));
  }

  closeAll(error: RpcError): void {
    for (const call of this.#streams.keys()) this.#fail(call, error);
  }

  get count(): number {
    return this.#streams.size;
  }

  async #receive(call: ListenCall, stream: ListenStream, request: ListenRequest): Promise<void> {
    try {
      await this.#gate.pass();
      if (isUnreadable(request)) throw request;
      if (this.#streams.has(call)) stream.receive(request);
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #fail(call: ListenCall, error: unknown): void {
    this.#streams.delete(call);
    call.emit('error', toStatus(error, this.#onError));
  }

  /** After the present turn, so that a burst of commits becomes one snapshot. */
  #scheduleFlush(): void {
    if (this.#flushing || this.#streams.size === 0) return;
    this.#flushing = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    // Under 'unavailable' the streams are closed already.
    await this.#gate.pass().catch(() => undefined);
    this.#flushing = false;
    for (const [call, stream] of this.#streams) {
      try {
        stream.flush();
      } catch (error) {
        this.#fail(call, error);
      }
    }
  }
}
