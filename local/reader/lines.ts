/** A recognized word: where, and how sure (0..100). */
export interface Word {
  text: string;
  confidence: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface ReadText {
  text: string;
  /** The words of each line of it. */
  rows: readonly (readonly Word[])[];
  /** 0..1: the mean of the words' confidence, by their length. */
  confidence: number;
  /** Letters and digits read. */
  characters: number;
  /** Degrees by which the lines fall to the right. */
  slope: number;
}

/** How much a reading is worth: length counts, doubt counts twice, so upside-down guesses lose. */
export const worth = ({ characters, confidence }: ReadText): number => characters * confidence ** 2;

/** Below this, texture passes for words: photos without text come out at 50 to 70. */
const SURE = 75;
/** Beside a sure word a shorter or less sure one is believed. */
const LIKELY = 55;

const alphanumerics = (text: string): number => text.replace(/[^\p{L}\p{N}]/gu, '').length;

/** Puts words into lines from top to bottom and leaves out what is not surely text. */
export function toText(words: readonly Word[]): ReadText {
  const rows = toRows(words.filter((word) => word.confidence >= LIKELY && alphanumerics(word.text) > 0));
  const kept = rows.filter(isText);
  const sure = kept.flat();
  const characters = sure.reduce((sum, word) => sum + alphanumerics(word.text), 0);
  const weighed = sure.reduce((sum, word) => sum + word.confidence * alphanumerics(word.text), 0);
  return {
    text: kept.map((row) => row.map((word) => word.text).join(' ')).join('\n'),
    rows: kept,
    confidence: characters === 0 ? 0 : Math.round(weighed / characters) / 100,
    characters,
    slope: median(kept.flatMap(slopes)),
  };
}

/** From each word to the next: letters and digits of one size begin at one height. */
const slopes = (row: readonly Word[]): number[] =>
  row.slice(1).map((word, index) => {
    const before = row[index] ?? word;
    return (Math.atan2(word.top - before.top, word.left - before.left) * 180) / Math.PI;
  });

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** A row is text when one of its words is sure, long enough, and most of the row is. */
function isText(row: readonly Word[]): boolean {
  const sure = row.filter((word) => word.confidence >= SURE);
  const length = sure.reduce((sum, word) => sum + alphanumerics(word.text), 0);
  return sure.some((word) => alphanumerics(word.text) >= 2) && length >= 3 && sure.length * 2 >= row.length;
}

/** Words whose heights overlap by more than half stand in one row, however far apart: a label's columns. */
function toRows(words: readonly Word[]): Word[][] {
  const rows: Word[][] = [];
  for (const word of [...words].sort((a, b) => a.top + a.bottom - b.top - b.bottom)) {
    const row = rows.at(-1);
    if (row?.some((other) => overlap(word, other) > 0.5)) row.push(word);
    else rows.push([word]);
  }
  for (const row of rows) row.sort((a, b) => a.left - b.left);
  return rows;
}

function overlap(a: Word, b: Word): number {
  const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return shared / Math.max(1, Math.min(a.bottom - a.top, b.bottom - b.top));
}
