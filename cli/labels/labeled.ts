import type { Label } from '../../evaluation/outcomes.ts';

/** A label with its picture. */
export interface LabeledPicture extends Label {
  /** For people: the file or the address of the picture. */
  place: string;
  /** Who said so, and when; absent for labels in files. */
  said?: { verdict: 'right' | 'corrected'; by: string | null; at: string };
  /** The encoded picture as it was uploaded, or as it was prepared where only that is left. */
  read(signal: AbortSignal): Promise<Buffer>;
}

/** Something that was meant as a label and is none. */
export interface LabelProblem {
  /** The file, with the line in one of several labels. */
  place: string;
  text: string;
}

export interface LabelSet {
  labels: LabeledPicture[];
  problems: LabelProblem[];
}
