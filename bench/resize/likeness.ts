import type { Order, Pillow } from './pillow.ts';
import { type Luma, lumaOf, ssim } from './ssim.ts';

/**
 * SSIM of our picture less that of Pillow's, each against the picture as Pillow shrinks it to that size, before it is
 * encoded, which favors Pillow. Pillow's JPEG is at `order.target` afterward.
 */
export async function likeness(
  bytes: Buffer,
  pillow: Pillow,
  order: Omit<Order, 'reference' | 'longSide'>,
): Promise<{ ours: number; pillow: number }> {
  const reference = `${order.target}.png`;
  const referenceFor = async (luma: Luma): Promise<Luma> => {
    await pillow.shrink({ ...order, reference, longSide: Math.max(luma.width, luma.height) });
    return lumaOf(reference);
  };
  const ours = await lumaOf(bytes);
  const ofOurs = await referenceFor(ours);
  const theirs = await lumaOf(order.target);
  const ofTheirs = theirs.width === ours.width ? ofOurs : await referenceFor(theirs);
  return { ours: ssim(ours, ofOurs), pillow: ssim(theirs, ofTheirs) };
}
