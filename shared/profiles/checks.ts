import type { PrintedCode } from '../barcodes/reader.ts';

/** A rule that a valid answer must keep to be believed, whatever confidence it claims. */
export type Check = AnswerCheck | PictureCheck;

interface Named {
  /** As the result document and the log name it. */
  name: string;
}

/** A rule of the answer alone. */
export interface AnswerCheck extends Named {
  needs?: never;
  /** `earlier` holds the answers of the steps before, cheapest first. */
  passes(answer: Answer, earlier: readonly Answer[]): boolean;
}

/** A rule that holds the answer against the codes printed in the picture; left out when they cannot be read. */
export interface PictureCheck extends Named {
  needs: 'codes';
  passes(answer: Answer, codes: readonly PrintedCode[]): boolean;
}

type Answer = Readonly<Record<string, unknown>>;

/**
 * Every value at a path such as `items[].sku`; a missing one gives none. A path through something that is no list or
 * object gives none either: what the schema allows to be null is no reason to climb.
 */
export function valuesAt(answer: unknown, path: string): unknown[] {
  let values = [answer];
  for (const part of path.split('.')) {
    const isList = part.endsWith('[]');
    const key = isList ? part.slice(0, -2) : part;
    values = values.flatMap((value) => {
      const next = typeof value === 'object' && value !== null ? (value as Answer)[key] : undefined;
      if (next === undefined || next === null) return [];
      return isList ? (Array.isArray(next) ? next : []) : [next];
    });
  }
  return values;
}

/** UPC-A, EAN-13 and GTIN-14. Codes of 8 digits are left alone: as many are house numbers as are EAN-8. */
const GTIN = /^\d{12,14}$/;

/** Modulo 10 with weights 3 and 1 from the right (https://www.gs1.org/services/how-calculate-check-digit-manually). */
export function hasCheckDigit(code: string): boolean {
  const sum = [...code]
    .reverse()
    .reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}

/** Codes that look like an article number of a barcode end in the right digit: a misread one does so in 1 of 10 cases. */
export const gtinCheckDigits = (path: string): AnswerCheck => ({
  name: 'gtin-check-digit',
  passes: (answer) =>
    valuesAt(answer, path).every(
      (value) => typeof value !== 'string' || !GTIN.test(value.trim()) || hasCheckDigit(value.trim()),
    ),
});

/** Numbers that the schema allows and that nobody has on a shelf: mostly a price or a date read as a quantity. */
export const within = (path: string, min: number, max: number): AnswerCheck => ({
  name: `within ${path} ${min}..${max}`,
  passes: (answer) =>
    valuesAt(answer, path).every((value) => typeof value !== 'number' || (value >= min && value <= max)),
});

/** The same thing is not listed twice. */
export const distinct = (path: string): AnswerCheck => ({
  name: `distinct ${path}`,
  passes: (answer) => {
    const values = valuesAt(answer, path).map((value) => JSON.stringify(value));
    return new Set(values).size === values.length;
  },
});

/**
 * An earlier step gave the same values, in any order. Never passes on the first step, so a profile that names it always
 * asks twice: for answers that must not be wrong.
 */
export const agreeing = (path: string): AnswerCheck => ({
  name: `agreeing ${path}`,
  passes: (answer, earlier) => {
    const mine = fingerprint(answer, path);
    return earlier.some((other) => fingerprint(other, path) === mine);
  },
});

const fingerprint = (answer: Answer, path: string): string =>
  JSON.stringify(
    valuesAt(answer, path)
      .map((value) => JSON.stringify(value))
      .sort(),
  );
