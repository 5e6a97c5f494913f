import { z } from 'zod';

/** A whole number in a variable. `unit` appears in the error, e.g. "milliseconds". */
export const integer = (unit: string, range: { min: number; max: number; default: number }) =>
  z
    .string()
    .regex(/^-?\d+$/, `expected a whole number of ${unit}`)
    .transform(Number)
    .pipe(
      z
        .number()
        .min(range.min, `expected at least ${range.min} ${unit}`)
        .max(range.max, `expected at most ${range.max} ${unit}`),
    )
    .default(range.default);

/** A required piece of text; `meaning` says what is expected. */
export const text = (meaning: string) =>
  z.string({ error: `expected ${meaning}` }).min(1, `expected ${meaning}`);

/** `true` or `false`. */
export const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .transform((value) => value === 'true')
    .default(fallback);
