import type { PrintedCode } from '../barcodes/reader.ts';
import { type PictureCheck, valuesAt } from './checks.ts';

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
