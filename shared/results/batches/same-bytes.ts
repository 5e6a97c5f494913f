/** The group of pictures that wait for the answer of another one of the same bytes, which is waiting for a batch. */
export const REPEATS = 'repeats';
