import sharp from 'sharp';

/** Luma of a picture, one byte a pixel. */
export interface Luma {
  data: Buffer;
  width: number;
  height: number;
}

export async function lumaOf(picture: Buffer | string): Promise<Luma> {
  const { data, info } = await sharp(picture).grayscale().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

const SIDE = 8;
const STRIDE = 4;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Mean structural similarity of luma over windows of 8 x 8 (Wang et al. 2004): 1 is identical. Equal sizes only. */
export function ssim(a: Luma, b: Luma): number {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(`sizes differ: ${a.width} x ${a.height} and ${b.width} x ${b.height}`);
  }
  let total = 0;
  let windows = 0;
  for (let y = 0; y + SIDE <= a.height; y += STRIDE) {
    for (let x = 0; x + SIDE <= a.width; x += STRIDE) {
      total += windowSsim(a.data, b.data, y * a.width + x, a.width);
      windows += 1;
    }
  }
  return total / windows;
}

function windowSsim(a: Buffer, b: Buffer, start: number, width: number): number {
  let sumA = 0;
  let sumB = 0;
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  for (let row = 0; row < SIDE; row += 1) {
    for (let at = start + row * width; at < start + row * width + SIDE; at += 1) {
      const one = a[at] ?? 0;
      const other = b[at] ?? 0;
      sumA += one;
      sumB += other;
      squaresA += one * one;
      squaresB += other * other;
      products += one * other;
    }
  }
  const n = SIDE * SIDE;
  const [meanA, meanB] = [sumA / n, sumB / n];
  const variances = squaresA / n - meanA ** 2 + squaresB / n - meanB ** 2;
  const covariance = products / n - meanA * meanB;
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) / ((meanA ** 2 + meanB ** 2 + C1) * (variances + C2))
  );
}
