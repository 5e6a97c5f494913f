import type { ReadColor, ReaderFacts } from '../reader/facts.ts';
import { type Label, type LabelItem, readLabel } from './label.ts';

/** What a field of the answer is filled from: the whole picture, or one article or color of it. */
export interface View {
  facts: ReaderFacts;
  label: Label;
  item?: LabelItem;
  color?: ReadColor;
}

export const viewOf = (facts: ReaderFacts): View => ({ facts, label: readLabel(facts) });

/** A barcode's check digit makes a misread next to impossible. */
const CODE_CERTAINTY = 0.98;
/** Size and colors are certain, but say little about a picture. */
const NOTHING_READ = 0.2;

/** 0..1, from what was read and from what was not: a label without a quantity is half read. */
export function confidence({ facts, label, item }: View): number {
  const items = item ? [item] : label.items;
  if (items.length > 0) return round(mean(items.map((one) => itemConfidence(one, facts.textConfidence))));
  return round(facts.text === '' ? NOTHING_READ : facts.textConfidence);
}

function itemConfidence({ sku, code, quantity }: LabelItem, textConfidence: number): number {
  const skuCertainty = code !== undefined ? CODE_CERTAINTY : sku === undefined ? 0 : textConfidence;
  return (skuCertainty + (quantity === undefined ? 0 : textConfidence || CODE_CERTAINTY)) / 2;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number): number => Math.round(value * 100) / 100;
