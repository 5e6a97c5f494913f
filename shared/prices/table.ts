/**
 * What Google charges, the only place where prices, models' ends and image tokens are written down. US dollars per
 * 1,000,000 tokens; thinking is billed as output. Rows are days in UTC, both ends included; `until: null` is open.
 * To change a price, end its row and add the next one: the table must have no gap and no overlap.
 *
 * `standard` is what a call costs that asks for nothing else; `flex`, `batch` and `priority` are the other lanes. A
 * lane that is left out is not sold for the model, or its price is not known: what it serves is then priced as
 * `standard` and flagged. `tier` says which models can stand in for each other, after their place in Google's line and
 * their price; it decides what an evaluation tries as a successor. `thinkingLevels` are those that a model is known to
 * take (none: it has a budget instead, which no ladder says); absent where that is not known. Cached tokens without a
 * price cost as much as input. `confidence` says who states the prices of a row or of a lane: `published` by Google on
 * the page of `source`, or `second-hand` from others; `pipeline doctor` shows it.
 */
const PRICING = 'https://ai.google.dev/gemini-api/docs/pricing (read 2026-11-20)';
const PRIORITY = 'https://ai.google.dev/gemini-api/docs/priority-inference (75 to 100 % dearer)';
const TRACKERS = 'sites that track prices (read 2026-11-28)';
const DEPRECATIONS = 'https://ai.google.dev/gemini-api/docs/deprecations (read 2026-11-10)';

export const PRICE_TABLE = {
  currency: 'USD',
  /** mediaResolution -> token budget of one picture (https://ai.google.dev/gemini-api/docs/media-resolution, read 2026-11-20). */
  imageTokenBudgets: { LOW: 280, MEDIUM: 560, HIGH: 1120, ULTRA_HIGH: 2240 },
  /** Smaller contents are refused by explicit context caching; per million tokens and hour. */
  contextCache: { minTokens: 4096, storagePerHour: 1.0, source: PRICING },
  /**
   * Names that another model answers from a day on, at its own price. The Developer API says so in `modelVersion` only;
   * Vertex AI answers 404 for a name that is gone.
   */
  reroutes: [
    { model: 'gemini-3.5-flash', from: '2026-10-08', to: 'gemini-3.6-flash', source: DEPRECATIONS },
    { model: 'gemini-3.7-flash', from: '2026-10-08', to: 'gemini-3.8-flash', source: DEPRECATIONS },
    { model: 'gemini-2.5-flash', from: '2026-12-01', to: 'gemini-3.5-flash-lite', source: DEPRECATIONS },
    { model: 'gemini-2.5-pro', from: '2026-12-01', to: 'gemini-3.8-flash', source: DEPRECATIONS },
  ],
  models: [
    {
      id: 'gemini-3.5-flash-lite',
      imageTokens: 'budget',
      thinkingLevels: ['minimal', 'low', 'medium', 'high'],
      tier: 'lite',
      rows: [
        {
          from: '2026-05-01',
          until: null,
          source: PRICING,
          confidence: 'published',
          standard: { input: 0.3, output: 2.5, cached: 0.03 },
          flex: { input: 0.15, output: 1.25, cached: 0.03 },
          batch: { input: 0.15, output: 1.25, cached: 0.03 },
          priority: { input: 0.54, output: 4.5, cached: 0.054, confidence: 'second-hand', source: PRIORITY },
        },
      ],
    },
    {
      id: 'gemini-3.1-flash-lite',
      imageTokens: 'budget',
      thinkingLevels: ['minimal', 'low', 'medium', 'high'],
      tier: 'lite',
      rows: [
        {
          from: '2026-01-01',
          until: null,
          source: PRICING,
          confidence: 'published',
          standard: { input: 0.25, output: 1.5, cached: 0.025 },
          flex: { input: 0.125, output: 0.75, cached: 0.025 },
          batch: { input: 0.125, output: 0.75, cached: 0.025 },
          priority: { input: 0.45, output: 2.7, cached: 0.045, confidence: 'second-hand', source: PRIORITY },
        },
      ],
    },
    {
      id: 'gemini-3.8-flash',
      imageTokens: 'budget',
      thinkingLevels: ['low', 'medium', 'high'],
      tier: 'flash',
      rows: [
        {
          from: '2026-09-01',
          until: '2026-12-31',
          source: PRICING,
          confidence: 'published',
          standard: { input: 0.75, output: 3.75, cached: 0.075 },
          flex: { input: 0.375, output: 1.875, cached: 0.075 },
          batch: { input: 0.375, output: 1.875, cached: 0.075 },
          priority: { input: 1.35, output: 6.75, cached: 0.135, confidence: 'second-hand', source: PRIORITY },
        },
        {
          from: '2027-01-01',
          until: null,
          source: PRICING,
          confidence: 'published',
          standard: { input: 1.5, output: 7.5, cached: 0.15 },
          flex: { input: 0.75, output: 3.75, cached: 0.15 },
          batch: { input: 0.75, output: 3.75, cached: 0.15 },
          priority: { input: 2.7, output: 13.5, cached: 0.27, confidence: 'second-hand', source: PRIORITY },
        },
      ],
    },
    {
      id: 'gemini-3.7-flash',
      imageTokens: 'budget',
      tier: 'flash',
      rows: [
        {
          from: '2026-08-01',
          until: null,
          source: TRACKERS,
          confidence: 'second-hand',
          standard: { input: 0.75, output: 3.75, cached: 0.075 },
          flex: { input: 0.375, output: 1.875, cached: 0.075 },
          batch: { input: 0.375, output: 1.875, cached: 0.075 },
          priority: { input: 1.35, output: 6.75, cached: 0.135 },
        },
      ],
    },
    {
      id: 'gemini-3.6-flash',
      imageTokens: 'budget',
      thinkingLevels: ['low', 'medium', 'high'],
      tier: 'flash',
      rows: [
        {
          from: '2026-07-01',
          until: null,
          source: TRACKERS,
          confidence: 'second-hand',
          standard: { input: 1.5, output: 7.5, cached: 0.15 },
          flex: { input: 0.75, output: 3.75, cached: 0.15 },
          batch: { input: 0.75, output: 3.75, cached: 0.15 },
        },
      ],
    },
    {
      id: 'gemini-4-hydrogen',
      imageTokens: 'budget',
      thinkingLevels: ['low', 'medium', 'high', 'xhigh'],
      tier: 'flash',
      rows: [
        {
          from: '2026-11-12',
          until: null,
          source: TRACKERS,
          confidence: 'second-hand',
          standard: { input: 1.5, output: 7.5, cached: 0.075 },
          flex: { input: 0.75, output: 3.75, cached: 0.075 },
          batch: { input: 0.75, output: 3.75, cached: 0.075 },
          priority: { input: 2.7, output: 13.5, cached: 0.135 },
        },
      ],
    },
    {
      id: 'gemini-4-neon',
      imageTokens: 'budget',
      thinkingLevels: ['low', 'medium', 'high', 'xhigh'],
      tier: 'pro',
      rows: [
        {
          from: '2026-11-18',
          until: null,
          source: TRACKERS,
          confidence: 'second-hand',
          standard: { input: 3, output: 15, cached: 0.15 },
          flex: { input: 1.5, output: 7.5, cached: 0.15 },
          batch: { input: 1.5, output: 7.5, cached: 0.15 },
          priority: { input: 5.4, output: 27, cached: 0.27 },
        },
      ],
    },
    {
      id: 'gemini-4-carbon',
      imageTokens: 'budget',
      thinkingLevels: ['low', 'medium', 'high'],
      tier: 'pro',
      rows: [
        {
          from: '2026-11-10',
          until: '2026-11-30',
          source: TRACKERS,
          confidence: 'second-hand',
          standard: { input: 2, output: 10 },
        },
        {
          from: '2026-12-01',
          until: null,
          source: TRACKERS,
          confidence: 'second-hand',
          standard: { input: 4, output: 20 },
        },
      ],
    },
    {
      id: 'gemini-4-argon',
      imageTokens: 'budget',
      thinkingLevels: ['low', 'medium', 'high'],
      tier: 'pro',
      rows: [
        {
          from: '2026-10-01',
          until: '2026-11-30',
          source: PRICING,
          confidence: 'published',
          standard: { input: 2, output: 10, cached: 0.1 },
          flex: { input: 1, output: 5, cached: 0.1, confidence: 'second-hand', source: TRACKERS },
          batch: { input: 1, output: 5, cached: 0.1, confidence: 'second-hand', source: TRACKERS },
        },
        {
          from: '2026-12-01',
          until: null,
          source: PRICING,
          confidence: 'published',
          standard: { input: 4, output: 20, cached: 0.2 },
          flex: { input: 2, output: 10, cached: 0.2, confidence: 'second-hand', source: TRACKERS },
          batch: { input: 2, output: 10, cached: 0.2, confidence: 'second-hand', source: TRACKERS },
        },
      ],
    },
    {
      id: 'gemini-2.5-flash',
      imageTokens: 'tiles',
      thinkingLevels: [],
      tier: 'flash',
      rows: [
        {
          from: '2025-06-17',
          until: null,
          source: PRICING,
          confidence: 'published',
          standard: { input: 0.3, output: 2.5, cached: 0.03 },
          flex: { input: 0.15, output: 1.25, cached: 0.03 },
          batch: { input: 0.15, output: 1.25, cached: 0.03 },
        },
      ],
    },
    {
      id: 'gemini-decision-1',
      imageTokens: 'budget',
      rows: [
        {
          from: '2026-11-11',
          until: null,
          source: 'https://blog.google, Gemini Decisions API, 2026-11-11',
          confidence: 'published',
          // No text, no thoughts: the questions and the picture are all there is to pay.
          standard: { input: 0.1, output: 0 },
        },
      ],
    },
    {
      id: 'gemini-2.5-flash-lite',
      imageTokens: 'tiles',
      thinkingLevels: [],
      tier: 'lite',
      rows: [
        {
          from: '2025-07-22',
          until: null,
          source: TRACKERS,
          confidence: 'second-hand',
          standard: { input: 0.1, output: 0.4, cached: 0.01 },
          flex: { input: 0.05, output: 0.2, cached: 0.01 },
          batch: { input: 0.05, output: 0.2, cached: 0.01 },
        },
      ],
    },
  ],
} as const;
