/**
 * What Google charges, the only place where prices, models' ends and image tokens are written down. US dollars per
 * 1,000,000 tokens; thinking is billed as output. Rows are days in UTC, both ends included; `until: null` is open.
 * To change a price, end its row and add the next one: the table must have no gap and no overlap.
 * A price that Google has not published is left out: cached tokens then cost as much as input.
 */
const PRICING = 'https://ai.google.dev/gemini-api/docs/pricing (read 2026-11-20)';
const DEPRECATIONS = 'https://ai.google.dev/gemini-api/docs/deprecations (read 2026-11-20)';

export const PRICE_TABLE = {
  currency: 'USD',
  /** mediaResolution -> token budget of one picture (https://ai.google.dev/gemini-api/docs/media-resolution, read 2026-11-20). */
  imageTokenBudgets: { LOW: 280, MEDIUM: 560, HIGH: 1120, ULTRA_HIGH: 2240 },
  /** Smaller contents are refused by explicit context caching; per million tokens and hour. */
  contextCache: { minTokens: 4096, storagePerHour: 1.0, source: PRICING },
  models: [
    {
      id: 'gemini-3.5-flash-lite',
      imageTokens: 'budget',
      rows: [
        {
          from: '2026-05-01',
          until: null,
          source: PRICING,
          standard: { input: 0.3, output: 2.5, cached: 0.03 },
          batch: { input: 0.15, output: 1.25 },
        },
      ],
    },
    {
      id: 'gemini-3.1-flash-lite',
      imageTokens: 'budget',
      rows: [
        {
          from: '2026-01-01',
          until: null,
          source: PRICING,
          standard: { input: 0.25, output: 1.5, cached: 0.025 },
          batch: { input: 0.125, output: 0.75 },
        },
      ],
    },
    {
      id: 'gemini-3.8-flash',
      imageTokens: 'budget',
      rows: [
        {
          from: '2026-09-01',
          until: '2026-12-31',
          source: PRICING,
          standard: { input: 0.75, output: 3.75, cached: 0.075 },
          batch: { input: 0.375, output: 1.875 },
        },
        {
          from: '2027-01-01',
          until: null,
          source: PRICING,
          standard: { input: 1.5, output: 7.5, cached: 0.15 },
          batch: { input: 0.75, output: 3.75 },
        },
      ],
    },
    {
      id: 'gemini-4-argon',
      imageTokens: 'budget',
      rows: [
        {
          from: '2026-10-01',
          until: '2026-11-30',
          source: PRICING,
          standard: { input: 2, output: 10, cached: 0.1 },
        },
        { from: '2026-12-01', until: null, source: PRICING, standard: { input: 4, output: 20 } },
      ],
    },
    {
      id: 'gemini-2.5-flash',
      imageTokens: 'tiles',
      /** First day without the model. Vertex AI ended it in October already. */
      shutdown: '2026-12-01',
      successor: 'gemini-3.5-flash-lite',
      shutdownSource: DEPRECATIONS,
      rows: [
        {
          from: '2025-06-17',
          until: null,
          source: PRICING,
          standard: { input: 0.3, output: 2.5, cached: 0.03 },
          batch: { input: 0.15, output: 1.25 },
        },
      ],
    },
  ],
} as const;
