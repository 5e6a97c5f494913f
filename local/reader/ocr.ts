import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Worker as Thread } from 'node:worker_threads';
import { createWorker, OEM, PSM, type Worker } from 'tesseract.js';
import type { Word } from './lines.ts';

/** The language data lies in the package; nothing is fetched. */
const LANGUAGE = join(
  dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json')),
  '4.0.0_best_int',
);
/** The recognizer's heap only grows: a fresh one after this many pages keeps it bounded. */
const PAGES_PER_WORKER = 400;
/** A page of texture can take many seconds; it is no text then. */
const PAGE_LIMIT_MS = 8000;

/** One recognizer in its own thread: started with the first page, replaced when old, stuck or broken. */
export class TextRecognizer {
  #worker: Promise<Worker> | undefined;
  #pages = 0;
  #closed = false;

  /** Words of one page; none when the page takes longer than the limit. One page at a time. */
  async recognize(page: Buffer): Promise<Word[]> {
    if (this.#closed) throw new Error('The text recognizer was closed.');
    const worker = await this.#current();
    try {
      return await withinLimit(words(worker, page));
    } catch (error) {
      await this.#discard();
      if (error instanceof PageLimitError) return [];
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discard();
  }

  async #current(): Promise<Worker> {
    if (this.#pages >= PAGES_PER_WORKER) await this.#discard();
    this.#pages += 1;
    this.#worker ??= start();
    return this.#worker.catch((error: unknown) => {
      this.#worker = undefined;
      throw error;
    });
  }

  async #discard(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#pages = 0;
    await worker?.then((started) => started.terminate()).catch(() => undefined);
  }
}

async function start(): Promise<Worker> {
  const worker = await createWorker('eng', OEM.LSTM_ONLY, {
    langPath: LANGUAGE,
    gzip: true,
    cacheMethod: 'none',
    // Without a handler the library throws inside an event listener, which would end the process.
    errorHandler: () => undefined,
  });
  // A crash of the thread ends the page by the limit; without a listener it would end the process.
  (worker as Worker & { worker: Thread }).worker.on('error', () => undefined);
  await worker.setParameters({ tessedit_pageseg_mode: PSM.SPARSE_TEXT, debug_file: '/dev/null' });
  return worker;
}

async function words(worker: Worker, page: Buffer): Promise<Word[]> {
  const { data } = await worker.recognize(page, {}, { text: false, blocks: true });
  const lines = (data.blocks ?? []).flatMap((block) => block.paragraphs.flatMap((one) => one.lines));
  return lines.flatMap((line) =>
    line.words.map(({ text, confidence, bbox }) => ({
      text,
      confidence,
      left: bbox.x0,
      top: bbox.y0,
      right: bbox.x1,
      bottom: bbox.y1,
    })),
  );
}

class PageLimitError extends Error {}

function withinLimit<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new PageLimitError()), PAGE_LIMIT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
