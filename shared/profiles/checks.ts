import { hasCheckDigit } from './schema/code-formats.ts';

/** A code printed in a picture; `format` is the symbology's name, e.g. `EAN13`, `Code128`, `QRCode`. */
export interface PrintedCode {
  format: string;
  text: string;
}

/** A rule that a valid answer must keep to be believed, whatever confidence it claims. */
export type Check = AnswerCheck | PictureCheck;

interface Named {
  /** As the result document and the log name it. */
  name: string;
  /** A broken one is noted in the result and does not make the picture climb. */
  reportsOnly?: boolean;
}

/** A rule of the answer alone. */
interface AnswerCheck extends Named {
  /** `earlier`: it compares with the answers of the steps before, so that its outcome depends on the ladder. */
  needs?: 'earlier';
  /** `earlier` holds the answers of the steps before, cheapest first. */
  passes(answer: Answer, earlier: readonly Answer[]): boolean;
}

/** A rule that holds the answer against the codes printed in the picture; left out when they cannot be read. */
interface PictureCheck extends Named {
  needs: 'codes';
  passes(answer: Answer, codes: readonly PrintedCode[]): boolean;
}

type Answer = Readonly<Record<string, unknown>>;

/**
 * Every value at a path such as `items[].sku`; a missing one gives none. A path through something that is no list or
 * object gives none either: what the schema allows to be null is no reason to climb.
 */
function valuesAt(answer: unknown, path: string): unknown[] {
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
  needs: 'earlier',
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

/** What is longer is a sentence or a ticket, no number of goods. */
const MAX_LENGTH = 48;
/** A shorter value is found in any longer code by chance. */
const MIN_SKU_LENGTH = 4;

/** Addresses on packages lead to advertising; an answer need not repeat them. */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|www\.|mailto:|tel:|wifi:|begin:)/i;

const isArticleCode = ({ text }: PrintedCode): boolean =>
  text.length <= MAX_LENGTH && !ADDRESS.test(text) && /\d/.test(text);

/** Letters and digits only: people and models group digits. GTINs of 8 to 14 digits differ in leading zeros only. */
const plain = (text: string): string => {
  const bare = text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');
  return /^\d{8,14}$/.test(bare) ? bare.replace(/^0+/, '') : bare;
};

/**
 * Every article code that is printed in the picture stands in the answer: somewhere as a whole, or a value at `skuPath`
 * is a part of it, as in `(01)04006381333931(10)LOT7`. A code that the reader missed is nobody's fault.
 */
export const printedCodes = (skuPath: string): PictureCheck => ({
  name: 'printed-codes',
  needs: 'codes',
  passes: (answer, codes) => {
    const texts = stringsIn(answer).map(plain);
    const skus = valuesAt(answer, skuPath)
      .map((value) => plain(String(value)))
      .filter((sku) => sku.length >= MIN_SKU_LENGTH);
    return codes.filter(isArticleCode).every((code) => {
      const wanted = plain(code.text);
      return texts.some((text) => text.includes(wanted)) || skus.some((sku) => wanted.includes(sku));
    });
  },
});

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}
