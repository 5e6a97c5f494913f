/** The bytes are no picture, or one that is cut off or damaged. */
export class UnreadableImageError extends Error {
  constructor(cause: unknown) {
    super('The picture cannot be decoded: it is cut off, damaged or no picture at all.', { cause });
    this.name = 'UnreadableImageError';
  }
}

/** More pictures wait than the reader takes; try again later. */
export class ReaderBusyError extends Error {
  constructor(waiting: number) {
    super(`The reader is busy: ${waiting} pictures are waiting already. Try again later.`);
    this.name = 'ReaderBusyError';
  }
}
