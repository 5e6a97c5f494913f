import { InvalidArgumentError } from 'commander';
import type { VariantChoice } from '../../evaluation/variants.ts';
import { SYNCHRONOUS_LANES, type SynchronousLane } from '../../shared/prices/lanes.ts';
import type { MediaResolution } from '../../shared/prices/price-list.ts';
import { PRICE_TABLE } from '../../shared/prices/table.ts';

/** What a person types after `pipeline evaluate`. */
export interface EvaluateOptions {
  profile?: string;
  fromFeedback?: boolean;
  models?: string[];
  resolutions?: MediaResolution[];
  sides?: number[];
  lanes?: SynchronousLane[];
  repeat: number;
  maxUsd: number;
  concurrency: number;
  target: number;
  run?: string;
  yes?: boolean;
  json?: boolean;
  successors?: boolean;
  baseline?: string;
  maxDrop: number;
  write?: boolean;
}

export const choiceOf = ({ models, resolutions, sides, lanes }: EvaluateOptions): VariantChoice => ({
  ...(models ? { models } : {}),
  ...(resolutions ? { resolutions } : {}),
  ...(sides ? { sides } : {}),
  ...(lanes ? { lanes } : {}),
});

const parts = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Parsers of options; each throws a sentence that names what is expected. */
export const modelList = (text: string): string[] => {
  const models = parts(text);
  const known = PRICE_TABLE.models.map(({ id }) => id as string);
  const unknown = models.filter((model) => !known.includes(model));
  if (models.length === 0 || unknown.length > 0)
    throw new InvalidArgumentError(
      `${unknown.join(', ') || 'nothing'} has no price here; there are: ${known.join(', ')}.`,
    );
  return models;
};

const RESOLUTIONS = Object.keys(PRICE_TABLE.imageTokenBudgets) as MediaResolution[];

export const resolutionList = (text: string): MediaResolution[] => chosen(text.toUpperCase(), RESOLUTIONS);

export const laneList = (text: string): SynchronousLane[] => chosen(text, SYNCHRONOUS_LANES);

function chosen<T extends string>(text: string, all: readonly T[]): T[] {
  const names = parts(text);
  const known = all.filter((one) => names.includes(one));
  if (known.length === 0 || known.length < new Set(names).size)
    throw new InvalidArgumentError(`Expected some of ${all.join(', ')}, with commas between them.`);
  return known;
}

export const sideList = (text: string): number[] => {
  const sides = parts(text).map(Number);
  if (sides.length === 0 || !sides.every((side) => Number.isInteger(side) && side >= 64 && side <= 3072))
    throw new InvalidArgumentError('Expected sides of 64 to 3072 pixels, with commas between them.');
  return sides;
};

export const wholeFrom1 =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}.`);
    return value;
  };

export const share = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Expected a share from 0 to 1, such as 0.98.');
  return value;
};

export const usd = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('Expected US dollars, such as 2.');
  return value;
};
