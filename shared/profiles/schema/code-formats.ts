/** UPC-A, EAN-8, EAN-13 and GTIN-14. */
const GTIN = /^(?:\d{8}|\d{12,14})$/;

/** A GTIN whose last digit is right: https://www.gs1.org/services/how-calculate-check-digit-manually. */
export const isGtin = (code: string): boolean => GTIN.test(code) && hasCheckDigit(code);

/** Modulo 10 with weights 3 and 1 from the right. A misread code has the right digit in 1 of 10 cases. */
export function hasCheckDigit(code: string): boolean {
  const sum = [...code]
    .reverse()
    .reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** One of the codes of ISO 4217, in capitals: `EUR`. */
export const isCurrency = (code: string): boolean => CURRENCIES.has(code);
