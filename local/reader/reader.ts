import { createHash } from 'node:crypto';
import { BarcodeReader } from './barcodes.ts';
import { dominantColors } from './colors.ts';
import { ReaderBusyError } from './errors.ts';
import type { ReaderFacts } from './facts.ts';
import { TextRecognizer } from './ocr.ts';
import { decode } from './pixels.ts';
import { readText } from './text.ts';

interface Reader {
  /**
   * What can be read off an encoded picture. The same bytes are read once; a picture waits for a free worker.
   * With `maxPixels` it is shrunk to this many before it is read, and small print is lost as it would be to a model.
   * @throws UnreadableImageError, ReaderBusyError; the signal's reason when it aborts first
   */
  read(image: Buffer, signal?: AbortSignal, maxPixels?: number): Promise<ReaderFacts>;
  close(): Promise<void>;
}

interface ReaderOptions {
  /** Pictures read at once; each worker holds about 150 MiB. */
  workers?: number;
  /** Pictures that may wait beyond those; more are refused. */
  maxWaiting?: number;
  /** Results remembered by the sha256 of the bytes. */
  maxRemembered?: number;
}

/** Reads pictures offline: codes, printed text, colors. Threads are started by the first picture. */
export function createReader(options: ReaderOptions = {}): Reader {
  const { workers = 1, maxWaiting = 256, maxRemembered = 1000 } = options;
  const barcodes = new BarcodeReader();
  const recognizers = Array.from({ length: workers }, () => new TextRecognizer());
  const slots = new Slots(recognizers, maxWaiting);
  const remembered = new Map<string, Promise<ReaderFacts>>();

  const read: Reader['read'] = async (image, signal, maxPixels) => {
    signal?.throwIfAborted();
    const key = `${createHash('sha256').update(image).digest('base64')} ${maxPixels ?? ''}`;
    const known = remembered.get(key) ?? slots.run((ocr) => readPicture(image, maxPixels, barcodes, ocr));
    remembered.delete(key);
    remembered.set(key, known);
    forgetOldest(remembered, maxRemembered);
    known.catch(() => remembered.delete(key));
    return signal ? unlessAborted(known, signal) : known;
  };
  const close = async (): Promise<void> => {
    remembered.clear();
    await Promise.all([barcodes.close(), ...recognizers.map((recognizer) => recognizer.close())]);
  };
  return { read, close };
}

async function readPicture(
  image: Buffer,
  maxPixels: number | undefined,
  barcodes: BarcodeReader,
  ocr: TextRecognizer,
): Promise<ReaderFacts> {
  const pixels = await decode(image, maxPixels);
  const [codes, colors] = await Promise.all([barcodes.read(pixels), dominantColors(pixels)]);
  const { text, confidence, lines } = await readText(pixels, codes, ocr);
  return {
    width: pixels.originalWidth,
    height: pixels.originalHeight,
    codes: codes.map(({ format, text: code, place }) => ({ format, text: code, place })),
    text,
    lines,
    textConfidence: confidence,
    colors,
  };
}

/** Hands out recognizers, one picture each, in order of arrival. */
class Slots {
  readonly #free: TextRecognizer[];
  readonly #waiting: ((recognizer: TextRecognizer) => void)[] = [];
  readonly #maxWaiting: number;

  constructor(recognizers: readonly TextRecognizer[], maxWaiting: number) {
    this.#free = [...recognizers];
    this.#maxWaiting = maxWaiting;
  }

  async run<T>(work: (recognizer: TextRecognizer) => Promise<T>): Promise<T> {
    const recognizer = await this.#take();
    try {
      return await work(recognizer);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(recognizer);
      else this.#free.push(recognizer);
    }
  }

  #take(): Promise<TextRecognizer> {
    const free = this.#free.pop();
    if (free) return Promise.resolve(free);
    if (this.#waiting.length >= this.#maxWaiting) throw new ReaderBusyError(this.#waiting.length);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function forgetOldest(remembered: Map<string, unknown>, max: number): void {
  for (const key of remembered.keys()) {
    if (remembered.size <= max) return;
    remembered.delete(key);
  }
}

/** The reading continues for the next caller; only this caller stops waiting. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
