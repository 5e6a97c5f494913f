import { z } from 'zod';
import { distinct, gtinCheckDigits, printedCodes, within } from './checks.ts';
import { type AnswerOf, defineProfile } from './define.ts';
import { STANDARD_LADDER } from './standard-ladder.ts';

/** Which goods lie on a shelf, read from their labels. */
export const inventory = defineProfile({
  name: 'inventory',
  version: 2,
  prompt:
    'List the goods in the picture from their labels and barcodes, each SKU once. ' +
    'Take quantity from the label when it is written there, otherwise count what you see.',
  schema: z.object({
    shelfId: z.string().max(40).nullable().describe('as written on the shelf; null when it cannot be read'),
    items: z
      .array(
        z.object({
          sku: z.string().max(64).describe('the code itself, without a leading word such as SKU'),
          quantity: z.number().int().min(0).max(100_000),
          condition: z.enum(['new', 'damaged']),
        }),
      )
      .max(60),
    confidence: z.number().min(0).max(1).describe('how sure you are that codes and quantities are right'),
  }),
  maxSide: 3072,
  // Codes are read best at full quality, which a shelf of 7 MP has in about this many bytes.
  maxBytes: 1_500_000,
  ladder: STANDARD_LADDER,
  minConfidence: 0.6,
  checks: [
    gtinCheckDigits('items[].sku'),
    distinct('items[].sku'),
    within('items[].quantity', 0, 10_000),
    printedCodes('items[].sku'),
  ],
  cacheTtlHours: 24,
});

export type Inventory = AnswerOf<typeof inventory>;
