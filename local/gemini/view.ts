import type { ReadColor, ReaderFacts } from '../reader/facts.ts';
import { type Label, type LabelItem, readLabel } from './label.ts';

/** What a field of the answer is filled from: the whole picture, or one article or color of it. */
export interface View {
  facts: ReaderFacts;
  label: Label;
  item?: LabelItem;
  color?: ReadColor;
  /** Share of the fields beside a confidence that something was read for, 0..1. */
  coverage?: number;
}

export const viewOf = (facts: ReaderFacts): View => ({ facts, label: readLabel(facts) });

/** A barcode's check digit makes a misread next to impossible. */
const CODE_CERTAINTY = 0.98;
/** Size and colors are true, and say little about a picture. */
const SIZE_AND_COLORS = 0.45;
/** An answer without anything read; not zero, which some readers of answers take for "unknown". */
const LEAST = 0.05;

/**
 * 0..1, from what was read and from what was not: a label without a quantity is half read, and an answer whose fields
 * are mostly guesses, as a judgment on content is, is no better for the text beside it.
 */
export function confidence(view: View): number {
  const coverage = view.coverage ?? 1;
  return round(Math.max(LEAST, readingConfidence(view) * (coverage < 0.5 ? coverage : 1)));
}

function readingConfidence({ facts, label, item }: View): number {
  const items = item ? [item] : label.items;
  if (items.length > 0) return mean(items.map((one) => itemConfidence(one, facts.textConfidence)));
  return facts.text === '' ? SIZE_AND_COLORS : facts.textConfidence;
}

function itemConfidence({ sku, code, quantity }: LabelItem, textConfidence: number): number {
  const skuCertainty = code !== undefined ? CODE_CERTAINTY : sku === undefined ? 0 : textConfidence;
  return (skuCertainty + (quantity === undefined ? 0 : textConfidence || CODE_CERTAINTY)) / 2;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number): number => Math.round(value * 100) / 100;
