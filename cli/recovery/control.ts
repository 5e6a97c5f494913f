import type { Log } from '../../shared/base/log.ts';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Control } from '../../shared/results/pauses.ts';

const nothing = () => undefined;
const QUIET: Log = { info: nothing, warn: nothing, error: nothing };

/** The pauses as they are now: a command reads each of them once. */
export const controlOf = (documents: Documents): Control =>
  new Control(documents, { cacheMs: 0, log: QUIET });
