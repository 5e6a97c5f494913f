import type { AnswerForm } from '../../evaluation/cells.ts';
import { type Outcome, type Scored, scored } from '../../evaluation/outcomes.ts';
import { type Variant, variantsOf } from '../../evaluation/variants.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { PriceList, type TokenUsage } from '../../shared/prices/price-list.ts';
import { usdOf } from '../../shared/prices/units.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { builtIn } from '../../test/support/built-in.ts';
import { type ShelfAnswer, shelfAnswer } from './shelves.ts';

const inventory = builtIn('inventory');

/** Checks of the answer alone: what is printed in a picture is nothing that this model sees. */
export const PROFILE: Profile = {
  ...inventory,
  checks: (inventory.checks ?? []).filter(({ name }) => /^(distinct|within)/.test(name)),
};

export const FORM: AnswerForm = { shape: compileZod(PROFILE.schema).shape, comparators: {} };

export const VARIANTS = variantsOf(PROFILE, {
  models: ['gemini-3.5-flash-lite', 'gemini-3.8-flash'],
  resolutions: ['LOW', 'HIGH'],
  sides: [1024, 2048],
});

/** Chance that an article is misread: by the model, times the resolution, times the side of the picture. */
const ERRORS = {
  model: { 'gemini-3.5-flash-lite': 0.05, 'gemini-3.8-flash': 0.012 } as Readonly<Record<string, number>>,
  resolution: { LOW: 3, MEDIUM: 1.6, HIGH: 1, ULTRA_HIGH: 1 },
  side: (maxSide: number): number => (maxSide < 2048 ? 2.5 : 1),
};
/** How often the stated confidence tells a misread answer from a right one. */
const AWARE = { ofErrors: 0.9, ofRightness: 0.96 };

const prices = new PriceList();

interface Simulated {
  answer: ShelfAnswer & { confidence: number };
  usage: TokenUsage;
}

/** What the model answers about a shelf in a variant; the same for the same seed. */
export function simulate(seed: number, shelf: number, { step, maxSide, id }: Variant): Simulated {
  const random = seededRandom(seed * 1_000_003 + shelf * 97 + VARIANTS.findIndex((one) => one.id === id));
  const [model] = step.models;
  const chance = (ERRORS.model[model] ?? 0) * ERRORS.resolution[step.mediaResolution] * ERRORS.side(maxSide);
  const truth = shelfAnswer(shelf);
  const items = truth.items.flatMap((item) => {
    if (random() >= chance) return [item];
    const kind = random();
    if (kind < 0.2) return [];
    return kind < 0.6
      ? [{ ...item, quantity: item.quantity + 1 + Math.floor(random() * 9) }]
      : [{ ...item, sku: item.sku.replace(/.$/, (digit) => String((Number(digit) + 1) % 10)) }];
  });
  const isRight = JSON.stringify(items) === JSON.stringify(truth.items);
  const seemsRight = random() < (isRight ? AWARE.ofRightness : 1 - AWARE.ofErrors);
  const confidence = Math.round((seemsRight ? 0.78 + random() * 0.2 : 0.2 + random() * 0.4) * 100) / 100;
  const image = prices.imageTokens(model, { width: 4, height: 3 }, step.mediaResolution);
  return {
    answer: { ...truth, items, confidence },
    usage: { prompt: image + 320, image, cached: 0, thoughts: 0, output: 30 + 24 * items.length },
  };
}

export const labelName = (shelf: number): string => `shelf-${shelf}`;

/** The outcome that a run would record of it, without the run. */
export function simulatedScore(seed: number, shelf: number, variant: Variant, atMs: number): Scored {
  const { answer, usage } = simulate(seed, shelf, variant);
  const [model] = variant.step.models;
  const { nanos } = prices.costOf({ version: model, requested: model, usage, atMs });
  const outcome: Outcome = {
    ...{ variant: variant.id, label: labelName(shelf), repeat: 0, tokens: usage, calls: 1, latencyMs: 0 },
    costUsd: usdOf(nanos),
    ending: {
      ...{ kind: 'answered', answer, partial: false, confidence: answer.confidence },
      ...{ version: model, served: 'standard' },
      checks: (PROFILE.checks ?? []).map((check) => ({
        name: check.name,
        passed: check.needs === 'codes' || check.passes(answer, []),
      })),
    },
  };
  return scored(outcome, { name: labelName(shelf), answer: shelfAnswer(shelf) }, FORM);
}
