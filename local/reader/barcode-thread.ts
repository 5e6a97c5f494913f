import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import type { BarcodeJob, BarcodeReply } from './barcodes.ts';

/** Runs in a thread of its own, because a large picture takes the decoder up to a tenth of a second. */
const MAX_CODES = 128;

// Without its binary in hand the library fetches one from a CDN.
const wasmPath = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
const binary = readFileSync(wasmPath);
const wasmBinary = binary.buffer.slice(binary.byteOffset, binary.byteOffset + binary.byteLength);
const ready = prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });

type Corners = Record<'topLeft' | 'topRight' | 'bottomLeft' | 'bottomRight', { x: number; y: number }>;

/**
 * Degrees clockwise that the code is turned. `rotation` of a bar code comes in quarter turns only; the first bar,
 * which runs from the top left to the bottom left corner, tells the rest.
 */
function turn(rotation: number, { topLeft, bottomLeft }: Pick<Corners, 'topLeft' | 'bottomLeft'>): number {
  const bar = (Math.atan2(bottomLeft.y - topLeft.y, bottomLeft.x - topLeft.x) * 180) / Math.PI;
  const beyond = (((bar - 90 - rotation) % 180) + 270) % 180;
  return rotation + beyond - 90;
}

/** Without the library's own class, which does not go from thread to thread. */
const cornersOf = ({ topLeft, topRight, bottomRight, bottomLeft }: Corners) =>
  [topLeft, topRight, bottomRight, bottomLeft].map(({ x, y }) => ({ x, y }));

async function read({ id, rgba, width, height }: BarcodeJob): Promise<BarcodeReply> {
  try {
    await ready;
    const image = { data: new Uint8ClampedArray(rgba), width, height, colorSpace: 'srgb' } as Parameters<
      typeof readBarcodes
    >[0];
    const found = await readBarcodes(image, { tryHarder: true, maxNumberOfSymbols: MAX_CODES });
    const codes = found
      .filter((code) => code.isValid && code.text !== '')
      .map(({ format, text, rotation, position }) => ({
        format: String(format),
        text,
        degrees: turn(rotation, position),
        corners: cornersOf(position),
      }));
    return { id, codes };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', async (job: BarcodeJob) => parentPort?.postMessage(await read(job)));
