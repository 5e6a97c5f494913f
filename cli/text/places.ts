import type { ModelUse } from '../../shared/results/document.ts';
import { plural } from './units.ts';

/** How many values have a place in the picture; where they are is nothing to look at in a terminal. */
export const placesInWords = ({
  evidence,
  evidenceDropped = 0,
}: Pick<ModelUse, 'evidence' | 'evidenceDropped'>): string | undefined =>
  evidence &&
  `${plural(evidence.length, 'place')} in the picture${evidenceDropped > 0 ? `, ${evidenceDropped} unusable` : ''}`;
