import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, type WriterOptions, writeBarcode } from 'zxing-wasm/full';

export type BarcodeFormat = NonNullable<WriterOptions['format']>;

let ready: Promise<unknown> | undefined;

/** A barcode as SVG. */
export async function barcodeSvg(text: string, options: WriterOptions): Promise<string> {
  await prepare();
  return (await writeBarcode(text, options)).svg;
}

/** zxing looks for its WebAssembly on the network unless it is handed over. */
function prepare(): Promise<unknown> {
  const path = createRequire(import.meta.url).resolve('zxing-wasm/full/zxing_full.wasm');
  ready ??= Promise.resolve(
    prepareZXingModule({
      overrides: { wasmBinary: new Uint8Array(readFileSync(path)).buffer },
      fireImmediately: true,
    }),
  );
  return ready;
}
