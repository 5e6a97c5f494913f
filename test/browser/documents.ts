import type { ResultDocument } from '../../shared/results/document.ts';

/** Changes that make a result a refused one. */
export const REFUSAL: Partial<ResultDocument> = {
  status: 'refused',
  failure: {
    code: 'CORRUPT_IMAGE',
    message: 'The picture is cut off after 61 % of its lines.',
    hint: 'Open the picture on the device it came from, save it again and upload it again.',
  },
};
