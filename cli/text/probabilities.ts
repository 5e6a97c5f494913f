import { plain } from './plain.ts';

/** The least likely field first: that is the one to look at. */
export const probabilitiesInWords = (probabilities: Readonly<Record<string, number>>): string =>
  Object.entries(probabilities)
    .toSorted(([, a], [, b]) => a - b)
    .map(([field, probability]) => `${plain(field)} ${Math.round(probability * 100)} %`)
    .join(', ');
