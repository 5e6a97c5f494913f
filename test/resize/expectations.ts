import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { colorAt } from '../support/pictures.ts';

/** Limits that no ordinary test picture meets. */
export const LIMITS = { maxSide: 2048, maxPixels: 100_000_000 };

/** The fields of `corners()` when it is upright. */
export const UPRIGHT_CORNERS = ['red', 'green', 'blue', 'yellow'];

/** Names of the colors in the middle of the four quarters, row by row. */
export async function seenCorners(bytes: Buffer): Promise<string[]> {
  const places: [number, number][] = [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ];
  return Promise.all(places.map(async (place) => nameOf(await colorAt(bytes, place))));
}

function nameOf([r, g, b]: [number, number, number]): string {
  const bits = [r, g, b].map((value) => (value > 127 ? 1 : 0)).join('');
  return (
    { '100': 'red', '010': 'green', '001': 'blue', '110': 'yellow', '111': 'white', '000': 'black' }[bits] ??
    bits
  );
}

/** The code and sentence a promise fails with; `undefined` code if it succeeds or fails in another way. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ code: string | undefined; message: string }> {
  try {
    await work;
    return { code: undefined, message: 'nothing failed' };
  } catch (error) {
    if (error instanceof PipelineError) return { code: error.code, message: error.message };
    return { code: undefined, message: String(error) };
  }
}
