import { z } from 'zod';

/** Prices are kept in whole nano-dollars per token, that is, thousandths of a dollar per million tokens. */
const NANOS_PER_DOLLAR_PER_MILLION = 1_000;

const day = z.iso.date('expected a day such as 2026-12-31');

const price = z
  .number({ error: 'expected US dollars per million tokens' })
  .nonnegative('a price is never negative')
  .refine(
    (usd) =>
      Math.abs(usd * NANOS_PER_DOLLAR_PER_MILLION - Math.round(usd * NANOS_PER_DOLLAR_PER_MILLION)) < 1e-6,
    'at most three decimal places',
  )
  .transform((usd) => Math.round(usd * NANOS_PER_DOLLAR_PER_MILLION));

const confidence = z.enum(['published', 'second-hand'], { error: 'expected published or second-hand' });

const source = z.string().min(1, 'expected where the price was read and when');

/** What a lane costs; its own source and confidence stand where those of the row do not hold for it. */
const tier = z.strictObject({
  input: price,
  output: price,
  cached: price.optional(),
  source: source.optional(),
  confidence: confidence.optional(),
});

const row = z.strictObject({
  from: day,
  until: day.nullable(),
  source,
  confidence,
  standard: tier,
  flex: tier.optional(),
  batch: tier.optional(),
  priority: tier.optional(),
});

/** Another model answers `model` from the day `from` on. */
const reroute = z.strictObject({ model: z.string().min(1), from: day, to: z.string().min(1), source });

const model = z.strictObject({
  id: z.string().min(1),
  /** `budget`: mediaResolution sets a picture's tokens (3.x, 4.x). `tiles`: its pixels do (2.x). */
  imageTokens: z.enum(['budget', 'tiles']),
  /** Those that it takes, and no others; a ladder is warned of another one. */
  thinkingLevels: z.array(z.string()).optional(),
  /** Models of a tier can stand in for each other, the newer for the older. */
  tier: z.enum(['lite', 'flash', 'pro']).optional(),
  shutdown: day.optional(),
  successor: z.string().optional(),
  shutdownSource: z.string().optional(),
  rows: z.array(row).min(1, 'expected at least one row of prices'),
});

export const priceTable = z.strictObject({
  currency: z.literal('USD', 'expected USD: Google prices the API in US dollars'),
  imageTokenBudgets: z.strictObject({
    LOW: z.number().int().positive(),
    MEDIUM: z.number().int().positive(),
    HIGH: z.number().int().positive(),
    ULTRA_HIGH: z.number().int().positive(),
  }),
  contextCache: z.strictObject({
    minTokens: z.number().int().positive(),
    storagePerHour: price,
    source: z.string(),
  }),
  reroutes: z.array(reroute).default([]),
  models: z.array(model).min(1),
});

export type PriceTable = z.infer<typeof priceTable>;
export type ModelPrices = PriceTable['models'][number];
export type PriceRow = ModelPrices['rows'][number];
export type PriceConfidence = z.infer<typeof confidence>;
/** Nano-dollars per token. */
export type TierPrices = PriceRow['standard'];
