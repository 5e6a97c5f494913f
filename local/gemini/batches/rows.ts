import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { GeminiError } from '../errors.ts';
import { generateContent } from '../generate.ts';
import type { Simulation } from '../simulation.ts';
import type { SimulatedJob } from './job.ts';

/** A line of a file of requests, parsed. */
export interface RequestRow {
  key: unknown;
  request: unknown;
  /** Everything that stands beside the request. */
  beside: Record<string, unknown>;
}

/** What became of a row. */
export type RowAnswer = { response: unknown } | { error: { code: number; message: string; status: string } };

/** The rows of a file, one after another. Throws for a line that is no JSON. */
export async function* readRows(content: Readable): AsyncGenerator<RequestRow> {
  for await (const line of createInterface({ input: content, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const { request, ...beside } = JSON.parse(line) as Record<string, unknown>;
    yield { key: beside['key'], request, beside };
  }
}

const INTERNAL = new GeminiError(500, 'INTERNAL', 'Internal error encountered.');

/** One row, answered as a call of its own would be; it has no quota and nobody who waits. */
export async function answerRow(sim: Simulation, job: SimulatedJob, request: unknown): Promise<RowAnswer> {
  const { model, api } = job;
  const at = sim.now();
  try {
    const sent = await generateContent(sim, {
      ...{ model, api, action: 'batchGenerateContent', version: 'v1beta', headers: {}, json: request },
      ...{ arrivedAt: at, signal: job.cancelled.signal, tier: 'batch' },
    });
    if (sent.kind === 'reply' && sent.status === 200) {
      const { outcome, seen, outputTokens = 0 } = sent;
      const durationMs = sim.now() - at;
      sim.calls.add({
        at,
        method: 'ROW',
        action: 'batchRow',
        api,
        model,
        status: 200,
        outcome,
        durationMs,
        outputTokens,
        ...seen,
      });
      return { response: sent.body };
    }
    return { error: INTERNAL.body.error };
  } catch (error) {
    return { error: (error instanceof GeminiError ? error : INTERNAL).body.error };
  }
}
