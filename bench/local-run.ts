import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../local/cloud.ts';
import { UPLOADS_BUCKET } from '../local/topology.ts';
import { Documents } from '../shared/cloud/firestore/documents.ts';
import { Buckets } from '../shared/cloud/storage/buckets.ts';
import { resultId } from '../shared/results/id.ts';
import { cpuOf, mebibytes } from './measure.ts';

export const FUNCTIONS = ['resize-image', 'analyze-image'] as const;
const PROCESSES = [...FUNCTIONS, 'gemini-simulator'] as const;

type Ended = { at: number; data: Record<string, unknown> };

/** The pipeline on this machine, driven by the real clients. One at a time: it sets this process's environment. */
export class LocalRun {
  readonly cloud: LocalCloud;
  readonly bootMs: number;
  readonly #dataDir: string;
  readonly #buckets = new Buckets();
  readonly #documents: Documents;
  readonly #unwatch: () => void;
  readonly #waiting = new Map<string, PromiseWithResolvers<Ended>>();

  private constructor(cloud: LocalCloud, dataDir: string, bootMs: number) {
    this.cloud = cloud;
    this.bootMs = bootMs;
    this.#dataDir = dataDir;
    this.#documents = new Documents({ projectId: cloud.clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local' });
    this.#unwatch = this.#documents.watch(
      'results',
      {
        where: [{ field: 'status', op: 'in', value: ['completed', 'failed', 'refused', 'parked'] }],
        limit: 100_000,
      },
      (changes) => {
        for (const { id, data } of changes) this.#end(id, { at: performance.now(), data });
      },
      (error) => this.#fail(error),
    );
  }

  static async start(options: Partial<LocalCloudOptions> = {}): Promise<LocalRun> {
    const dataDir = await mkdtemp(join(tmpdir(), 'bench-local-'));
    const started = performance.now();
    const cloud = await startLocalCloud({
      dataDir,
      functions: [...FUNCTIONS],
      model: { kind: 'simulator', reader: 'none' },
      ...options,
      functionEnv: {
        'analyze-image': { MODEL_MAX_CONCURRENCY: '64', DAILY_BUDGET_USD: 'none' },
        ...options.functionEnv,
      },
    });
    Object.assign(process.env, cloud.clientEnv);
    return new LocalRun(cloud, dataDir, performance.now() - started);
  }

  /** Changes how the simulated model behaves (see local/gemini/behavior.ts). */
  async behave(behavior: Record<string, unknown>): Promise<void> {
    const { ok, statusText } = await fetch(`${this.cloud.modelUrl}/_control/behavior`, {
      method: 'POST',
      body: JSON.stringify(behavior),
    });
    if (!ok) throw new Error(`The simulator refused its behavior: ${statusText}`);
  }

  /** As `settled`; throws unless the image is completed. */
  async one(name: string, bytes: Buffer): Promise<{ ms: number; data: Record<string, unknown> }> {
    const ended = await this.settled(name, bytes);
    if (ended.data['status'] === 'completed') return ended;
    throw new Error(`not completed: ${JSON.stringify(ended.data['failure'])}`);
  }

  /** Uploads a picture and waits for its end; milliseconds from the end of the upload, and the document. */
  async settled(name: string, bytes: Buffer): Promise<{ ms: number; data: Record<string, unknown> }> {
    const id = resultId({ bucket: UPLOADS_BUCKET, name });
    const turn = Promise.withResolvers<Ended>();
    this.#waiting.set(id, turn);
    await this.#buckets.create({ bucket: UPLOADS_BUCKET, name }, bytes, { contentType: 'image/jpeg' });
    const uploaded = performance.now();
    const { at, data } = await turn.promise;
    return { ms: at - uploaded, data };
  }

  /** Images per second from the first upload's start to the last result. */
  async many(count: number, inFlight: number, make: (i: number) => [string, Buffer]): Promise<number> {
    const started = performance.now();
    let next = 0;
    const lane = async () => {
      for (let i = next++; i < count; i = next++) await this.one(...make(i));
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return (count / (performance.now() - started)) * 1000;
  }

  /** CPU milliseconds so far, by process. */
  cpu(): Record<string, number> {
    const of = (name: string) => cpuOf(this.cloud.supervisor.pid(name) ?? 0);
    return Object.fromEntries(PROCESSES.map((name) => [name, of(name)]));
  }

  /** Resident memory in MiB, by process. */
  memory(): Record<string, number> {
    const of = (name: string) => Math.round(mebibytes(this.cloud.supervisor.memory(name)));
    return {
      ...Object.fromEntries(PROCESSES.map((name) => [name, of(name)])),
      'servers and this benchmark': Math.round(mebibytes(process.memoryUsage.rss())),
    };
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#documents.close();
    await this.cloud.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  #end(id: string, ended: Ended): void {
    const turn = this.#waiting.get(id);
    if (!turn) return;
    this.#waiting.delete(id);
    turn.resolve(ended);
  }

  #fail(error: unknown): void {
    for (const turn of this.#waiting.values()) turn.reject(error);
    this.#waiting.clear();
  }
}
