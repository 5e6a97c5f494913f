/** The parts of the time from upload to answer, in the order in which a picture passes them. */
export const STAGE_WORDS = [
  ['queueMs', 'Waiting'],
  ['downloadMs', 'Reading'],
  ['resizeMs', 'Resizing'],
  ['uploadMs', 'Writing'],
  ['modelMs', 'Model'],
  ['storeMs', 'Firestore'],
] as const;
