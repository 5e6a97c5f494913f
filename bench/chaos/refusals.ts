import type { FirestoreServer } from '../../local/firestore/server.ts';

/** Pictures whose answers Firestore refuses for good, as it does a list in a list. */
const REFUSED_SHARE = 0.01;

/** Which of the results can never hold their answer: by their ids, so that every version of a picture fares the same. */
export class Refusals {
  readonly ids = new Set<string>();

  constructor(firestore: FirestoreServer) {
    firestore.setRefusal((name, fields) => {
      const id = /\/results\/([0-9a-f]{32})$/.exec(name)?.[1];
      if (id === undefined || fields['status']?.stringValue !== 'completed' || !isChosen(id))
        return undefined;
      this.ids.add(id);
      return 'Property answer contains an invalid nested entity.';
    });
  }
}

const isChosen = (id: string): boolean => Number.parseInt(id.slice(0, 8), 16) / 2 ** 32 < REFUSED_SHARE;
