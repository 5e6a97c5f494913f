import type { Place } from './place.ts';

/** A barcode or matrix code; `format` is the symbology's canonical name, e.g. `EAN13`, `Code128`, `QRCode`. */
export interface ReadCode {
  format: string;
  text: string;
  place?: Place;
}

/** A printed word and where it stands. */
export interface ReadWord {
  text: string;
  place: Place;
}

/** A dominant color: its everyday name, `#rrggbb`, and its share of the picture, 0..1. */
export interface ReadColor {
  name: string;
  hex: string;
  share: number;
}

/** What can be read off a picture without a model. */
export interface ReaderFacts {
  /** Pixels, upright. */
  width: number;
  height: number;
  codes: ReadCode[];
  /** Lines of words that were read with confidence, top to bottom; '' when there are none. */
  text: string;
  /** The words of each line of `text`, in its order. */
  lines?: readonly (readonly ReadWord[])[];
  /** 0..1; 0 without text. */
  textConfidence: number;
  /** Largest share first, at most five. */
  colors: ReadColor[];
}
