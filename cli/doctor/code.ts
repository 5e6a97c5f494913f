import { readFile } from 'node:fs/promises';
import { asText, CODE_JSON, codeData } from '../../build/terraform-data.ts';
import { pricedAs } from '../../shared/money/spend-log.ts';
import { PRICE_FILE, PriceError, PriceList } from '../../shared/prices/price-list.ts';
import type { PriceConfidence } from '../../shared/prices/table-schema.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { checkLadders } from '../../shared/profiles/check-ladders.ts';
import { DECISION_MODEL, decidesFirst, isDecisionStep } from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import { chooseLane } from '../../shared/profiles/lane-choice.ts';
import { loadReferences, ReferencesError } from '../../shared/profiles/references.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { problemText } from '../../shared/profiles/schema/shape.ts';
import { sayModelChanges } from '../prices/model-changes.ts';
import { broken, error, type Finding, listed, ok, orAllWell, type Topic, warning } from './finding.ts';

/**
 * What is written in the code itself: prices, profiles, and what Terraform knows of the queries. `inUse` are the
 * profiles whose models matter: those that pictures are asked by, or those of the files where nobody asks.
 */
export async function examineCode(inUse: readonly Profile[], nowMs: number): Promise<Topic[]> {
  return [
    { topic: 'Prices', findings: priceFindings(undefined, inUse, nowMs) },
    { topic: 'Model changes', findings: changeFindings(inUse, nowMs) },
    { topic: 'Profiles', findings: profileFindings(allProfiles()) },
    {
      topic: 'Terraform',
      findings: codeJsonFindings(await readFile(CODE_JSON, 'utf8').catch(() => ''), asText(await codeData())),
    },
  ];
}

/** Holds every model of the ladders against the price table; `table` undefined is the one of the code. */
export function priceFindings(table: unknown, profiles: readonly Profile[], nowMs: number): Finding[] {
  const fix = `Edit ${PRICE_FILE}, or the ladder of the profile in profiles/, then: npm test`;
  try {
    const prices = new PriceList(table);
    const warnings = checkLadders(prices, profiles, nowMs);
    const stated: string[] = [];
    for (const [asked, confidence] of confidences(prices, profiles, nowMs)) {
      if (confidence === undefined)
        warnings.push(`there is no price for ${asked}: its calls are counted at the standard price`);
      else stated.push(`${asked} ${confidence}`);
    }
    return orAllWell(
      warnings.map((text) => warning(`${capitalized(text)}.`, fix)),
      `Every model of the ladders has a price on ${dayOf(nowMs)} (${listed(stated)}).`,
    );
  } catch (failure) {
    if (!(failure instanceof PriceError)) throw failure;
    return failure.problems.map((text) => error(`${capitalized(text)}.`, fix));
  }
}

/** Who states the price of each model that is asked, in the lane of its profile; undefined where nobody does. */
function confidences(
  prices: PriceList,
  profiles: readonly Profile[],
  nowMs: number,
): ReadonlyMap<string, PriceConfidence | undefined> {
  const asked = profiles.flatMap((profile) => {
    const lane = chooseLane(profile)?.asked ?? 'standard';
    const models = profile.ladder.flatMap((step) => step.models);
    // Decisions have one lane.
    return [...models, ...(profile.gate ? [DECISION_MODEL] : [])].map((model) =>
      model === DECISION_MODEL || lane === 'standard' ? ([model] as const) : ([model, lane] as const),
    );
  });
  return new Map(
    asked.map(([model, lane]) => [pricedAs({ model, lane }), prices.confidenceOf(model, nowMs, lane)]),
  );
}

/** From here on a change of a model is a warning; before it is only said. */
const SOON_DAYS = 30;

/** What will happen to the models of the ladders, 90 days ahead, and the command that tries what could follow. */
export const changeFindings = (profiles: readonly Profile[], nowMs: number): Finding[] =>
  orAllWell(
    sayModelChanges(profiles, nowMs).map(({ text, command, daysLeft }) => ({
      severity: daysLeft <= SOON_DAYS ? 'warning' : 'ok',
      text,
      fix: `npx ${command}`,
    })),
    'No model of the ladders ends or changes its price in the next 90 days.',
  );

const inItsFile = (name: string): string => `Edit profiles/${name}.yaml, then: npm test`;

/** Whether the API takes each profile's schema, and whether its rules can work at all. */
export function profileFindings(profiles: readonly Profile[]): Finding[] {
  const names = profiles.map(({ name }) => name);
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  return orAllWell(
    [
      ...[...twice].map((name) =>
        error(
          `There are two profiles named ${name}; one is never used.`,
          'Rename one in profiles/, then: npm test',
        ),
      ),
      ...profiles.flatMap((profile) => [
        ...ruleFindings(profile, inItsFile(profile.name)),
        ...referenceFindings(profile),
      ]),
    ],
    `The API takes the schemas of ${listed(names)}.`,
  );
}

/** The same of one profile; `fix` says where it is written. */
export function ruleFindings(profile: Profile, fix: string): Finding[] {
  const { name, schema, minConfidence, ladder } = profile;
  const mayBeUnsure = 'confidence' in schema.shape || decidesFirst(profile);
  return [
    ...schemaFindings(profile, fix),
    ...broken([
      {
        holds: minConfidence === 0 || mayBeUnsure,
        otherwise: warning(
          `The profile ${name} asks for a confidence of ${minConfidence}, but its answers have no field confidence: none ever climbs.`,
          fix,
        ),
      },
      ...ladder.map((asked, step) => ({
        // Thinking is counted with the answer: too little gives an empty answer that is billed. Decisions do not think.
        holds: isDecisionStep(asked) || asked.maxOutputTokens >= LEAST_OUTPUT[asked.thinkingLevel],
        otherwise: warning(
          `The profile ${name}, step ${step}: ${asked.maxOutputTokens} output tokens may be used up by thinking (${asked.thinkingLevel}) before the answer.`,
          fix,
        ),
      })),
    ]),
  ];
}

/** Tokens that thinking of this level has been seen to take, and a short answer. */
const LEAST_OUTPUT = { minimal: 256, low: 1_024, medium: 2_048, high: 4_096, xhigh: 8_192 } as const;

function schemaFindings({ name, schema }: Profile, fix: string): Finding[] {
  const { problems, warnings } = compileZod(schema);
  return [
    ...problems.map((problem) => error(`The profile ${name}: ${problemText(problem)}.`, fix)),
    ...warnings.map((problem) => warning(`The profile ${name}: ${problemText(problem)}.`, fix)),
  ];
}

/** What would stop analyze-image when it starts. */
function referenceFindings(profile: Profile): Finding[] {
  try {
    loadReferences([profile]);
    return [];
  } catch (failure) {
    if (!(failure instanceof ReferencesError)) throw failure;
    const fix = 'Put the file into profiles/references, see CONTRIBUTING.md, then: npm test';
    return failure.problems.map((problem) => error(`${capitalized(problem)}.`, fix));
  }
}

/** terraform/modules/pipeline/code.json tells Terraform which indexes the queries need. */
export function codeJsonFindings(written: string, derived: string): Finding[] {
  const script = 'npm exec -- node build/terraform-data.ts';
  if (written === '')
    return [error('terraform/modules/pipeline/code.json is missing: Terraform cannot plan.', script)];
  return written === derived
    ? [ok('terraform/modules/pipeline/code.json has the indexes of the queries.')]
    : [
        error(
          'terraform/modules/pipeline/code.json is not as the code says: indexes would be missing or too many.',
          script,
        ),
      ];
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
