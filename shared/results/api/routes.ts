import { BATCH_ROUTES } from './routes/of-batches.ts';
import { DEAD_LETTER_ROUTES } from './routes/of-dead-letters.ts';
import { FIGURE_ROUTES } from './routes/of-figures.ts';
import { PICTURE_ROUTES } from './routes/of-pictures.ts';
import { PROFILE_ROUTES } from './routes/of-profiles.ts';
import { RESULT_ROUTES } from './routes/of-results.ts';
import { REVIEW_ROUTES } from './routes/of-reviews.ts';
import type { Route } from './routes/route.ts';

/** Every operation of the API, in the order in which they are documented. */
export const ROUTES = {
  ...PICTURE_ROUTES,
  ...RESULT_ROUTES,
  ...REVIEW_ROUTES,
  ...DEAD_LETTER_ROUTES,
  ...PROFILE_ROUTES,
  ...BATCH_ROUTES,
  ...FIGURE_ROUTES,
} as const satisfies Record<string, Route>;

export type Operation = keyof typeof ROUTES;

export const OPERATIONS = Object.entries(ROUTES) as [Operation, Route][];
