import type { ReaderFacts } from '../reader/facts.ts';
import type { ApiName } from './address.ts';
import { SimulatedJobs } from './batches/jobs.ts';
import { type Behavior, changeBehavior, QUIET } from './behavior.ts';
import { Ledger } from './bill.ts';
import { ContentCaches } from './caches.ts';
import { CallLog } from './calls.ts';
import { invalidArgument } from './errors.ts';
import { UploadedFiles } from './files.ts';
import type { OpenFile } from './images.ts';
import { MODELS, type ModelTable } from './models.ts';
import { Planner } from './plan.ts';
import { QuotaMeter } from './quotas.ts';
import type { StoredObjects } from './stored-files.ts';

/** `maxPixels`: all of the picture that the model would see at the request's media resolution. */
export type ReadImage = (image: Buffer, signal: AbortSignal, maxPixels?: number) => Promise<ReaderFacts>;

export interface SimulationOptions {
  /** Keys that are let in; omitted: any key that is not empty. */
  apiKeys?: readonly string[];
  /** OAuth tokens that Vertex AI's paths let in; omitted: any that is not empty. */
  accessTokens?: readonly string[];
  /** Reads the pictures; omitted: answers from their size alone, at once. */
  read?: ReadImage;
  /** Brings the bytes behind `fileData.fileUri`, `gs://` for Vertex AI only; omitted: such requests are refused. */
  openFile?: OpenFile;
  /** Where batch jobs of Vertex AI read and write; omitted: they fail. */
  objects?: () => StoredObjects;
  behavior?: Partial<Behavior>;
  models?: ModelTable;
  /** Epoch milliseconds. */
  now?: () => number;
  /** 0..1; a seeded one makes a run repeatable. */
  random?: () => number;
}

const noObjects = (): StoredObjects => {
  throw new Error('there is no Cloud Storage');
};

/** Everything one simulator remembers between calls. */
export class Simulation {
  readonly apiKeys: readonly string[] | undefined;
  readonly accessTokens: readonly string[] | undefined;
  readonly readImage: ReadImage | undefined;
  readonly objects: () => StoredObjects;
  readonly random: () => number;
  readonly jobs = new SimulatedJobs();
  readonly #openFile: OpenFile | undefined;
  readonly models: ModelTable;
  readonly now: () => number;
  readonly planner: Planner;
  readonly quotas = new QuotaMeter();
  readonly files = new UploadedFiles();
  readonly caches = new ContentCaches();
  readonly ledger = new Ledger();
  readonly calls = new CallLog();
  readonly #first: Behavior;
  #replies = 0;

  constructor(options: SimulationOptions) {
    this.apiKeys = options.apiKeys;
    this.accessTokens = options.accessTokens;
    this.readImage = options.read;
    this.#openFile = options.openFile;
    this.objects = options.objects ?? noObjects;
    this.random = options.random ?? Math.random;
    this.models = options.models ?? MODELS;
    this.now = options.now ?? Date.now;
    this.#first = changeBehavior(QUIET, options.behavior ?? {});
    this.planner = new Planner(this.#first, this.random);
  }

  /** Changes the named settings and leaves the others. @throws ZodError */
  behave(wanted: unknown): void {
    const hasScript = typeof wanted === 'object' && wanted !== null && 'script' in wanted;
    this.planner.change(changeBehavior(this.planner.behavior, wanted), hasScript);
  }

  /** Back to the behavior it was started with; calls, quotas, caches, files and bill forgotten. */
  reset(): void {
    this.planner.change(this.#first, true);
    this.quotas.reset();
    this.jobs.reset();
    this.caches.reset();
    void this.files.clear();
    this.ledger.reset();
    this.calls.reset();
  }

  /** The Developer API has files of its own and cannot read buckets; with Vertex AI it is the other way round. */
  openFile(api: ApiName): OpenFile | undefined {
    const open = this.#openFile;
    if (api === 'vertex') return open;
    return async (uri, signal) => {
      const [name] = /files\/[^/?]+$/.exec(uri) ?? [];
      if (name) return this.files.bytes(name, this.now());
      if (uri.startsWith('gs://')) throw new Error(`${uri} is for Vertex AI only`);
      if (!open) throw invalidArgument(`Unsupported file uri: ${uri}`);
      return open(uri, signal);
    };
  }

  nextResponseId(): string {
    this.#replies += 1;
    return `local-${this.now().toString(36)}-${this.#replies}`;
  }
}
