import sharp from 'sharp';

export const TOP_MODEL = 'gemini-3.8-flash';
const SMALL_MODEL = 'gemini-3.5-flash-lite';
/** About 250 tokens, as in the worked costs that the goals come from. */
export const ITEMS_PER_SHELF = 16;
/** Of this many pictures, one is not read with confidence at the first step; of this many of those, one at the second. */
export const CLIMBS = { first: 10, second: 5 };

/**
 * What each step of the ladder answers, whichever picture it is asked about: so the same share climbs whether pictures are
 * asked together, one after another or in batches.
 */
export function scriptOf(count: number, climbs: boolean) {
  const seeds = Array.from({ length: count }, (_, i) => i);
  const unsure = climbs ? seeds.filter((i) => i % CLIMBS.first === 0) : [];
  const still = unsure.filter((i) => i % (CLIMBS.first * CLIMBS.second) === 0);
  return [
    ...seeds.map((i) => ({
      model: SMALL_MODEL,
      mediaResolution: 'MEDIUM' as const,
      json: shelf(i, unsure.includes(i) ? 0.2 : 0.9),
    })),
    ...unsure.map((i) => ({
      model: SMALL_MODEL,
      mediaResolution: 'HIGH' as const,
      json: shelf(i, still.includes(i) ? 0.3 : 0.9),
    })),
    { json: shelf(0, 0.9), times: 1_000_000 },
  ];
}

/** The right answer about the picture of this number. */
export const shelf = (seed: number, confidence: number) => ({
  shelfId: `A-${seed % 40}`,
  items: Array.from({ length: ITEMS_PER_SHELF }, (_, i) => ({
    sku: `SKU-${1000 + ((seed * 31 + i * 7) % 9000)}-${i}`,
    quantity: (seed + i) % 48,
    condition: (seed + i) % 9 === 0 ? 'damaged' : 'new',
  })),
  confidence,
});

/** 4:3, small enough to make hundreds of: tokens depend on the shape, not on the pixels. */
export const shelfPicture = (seed: number): Promise<Buffer> =>
  sharp({
    create: {
      width: 640,
      height: 480,
      channels: 3,
      background: { r: seed % 256, g: (seed * 7) % 256, b: (seed >> 8) * 40 },
    },
  })
    .jpeg()
    .toBuffer();
