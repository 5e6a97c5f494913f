import type { z } from 'zod';
import type { Lane } from '../prices/lanes.ts';
import type { MediaResolution } from '../prices/price-list.ts';
import type { Check } from './checks.ts';
import { decisionProblems } from './closed-form.ts';
import { DECISION_MODEL, firstWritten } from './decision-step.ts';
import { EVIDENCE_KINDS, evidenceProblems } from './evidence.ts';
import { objectionToLane } from './lane-choice.ts';
import { LEAST_MAX_BYTES, PREPARATIONS, type Preparation } from './preparation.ts';
import { compileZod } from './schema/compile.ts';
import { problemText } from './schema/shape.ts';
import { objectionToSimilar, type Similar } from './similar.ts';

export const THINKING_LEVELS = ['minimal', 'low', 'medium', 'high', 'xhigh'] as const;

/** One way to ask: the steps of a ladder go from cheap to dear. */
export interface LadderStep {
  /** Model ids that may answer this step. */
  models: readonly [string, ...string[]];
  /** Token budget of the picture: 280, 560, 1120 or 2240. */
  mediaResolution: MediaResolution;
  /** A level that the model does not have is refused by the API: the price table knows which one has which. */
  thinkingLevel: (typeof THINKING_LEVELS)[number];
  /** Covers thinking and answer together; too small gives an empty, billed answer. */
  maxOutputTokens: number;
}

/** A picture that shows what words cannot: sent with every question, before the picture that is asked about. */
export interface Reference {
  /** JPEG or PNG, below `profiles/references`: `receipt/stamp.png`. */
  file: string;
  /** What it shows, for the model; it follows the picture. */
  caption: string;
}

/**
 * When a value counts as right in an evaluation: `exact` letter for letter; `text` without case and white space; `date`
 * the same day however written; `within` so far from a number; of a list `set` in any order, `order` in its own.
 */
export type Comparator = 'exact' | 'text' | 'date' | 'set' | 'order' | { within: number };

/** A yes-or-no question that is asked before the extraction is paid; a picture that is surely a no is refused. */
export interface GateQuestion {
  /** Such as `Does the picture show a shelf with goods?` */
  ask: string;
  /** What yes and no mean, where the question does not say; both or neither. */
  holds?: string;
  fails?: string;
  /** What the uploader reads of a refused picture. */
  refuse?: string;
}

export interface Profile<S extends z.ZodObject = z.ZodObject> {
  /** Lower-case letters, digits and dashes: it is the first folder of an upload. */
  name: string;
  /** Raise it with every change of prompt, schema or ladder: answers of another version are not reused. */
  version: number;
  /** What a file without a version says, as a digest: another text is another question, whatever the version. */
  digest?: string;
  /** What is asked of the picture, in one or a few sentences. */
  prompt: string;
  /**
   * Long instructions that every picture of the profile needs, such as a catalog. From the model's minimum on (4,096
   * tokens) they are cached by the API, when enough pictures come to pay for that.
   */
  guide?: string;
  /**
   * Pictures that every question needs, such as each kind of damage. Each costs the tokens of a picture in every call,
   * or, when enough pictures come, a tenth of that from the API's cache, together with the guide.
   */
  references?: readonly Reference[];
  /** What an answer must look like: given to the model, and every answer is validated with it. */
  schema: S;
  /** `boxes`: each value comes with the place in the picture where it was read, for about 40 output tokens a value. */
  evidence?: (typeof EVIDENCE_KINDS)[number];
  /** Long side of the prepared picture, in pixels; at most 3072. */
  maxSide: number;
  /** `faithful` unless said otherwise; `fast` takes a third less CPU and loses codes and print that are hard to read. */
  preparation?: Preparation;
  /** A prepared picture of more bytes is encoded at a lower quality, but not below 70; 400 KB unless said otherwise. */
  maxBytes?: number;
  /** Its first steps may be of gemini-decision-1 (preview), where every field of the schema is closed. */
  ladder: readonly [LadderStep, ...LadderStep[]];
  /** How its pictures are served unless an upload wishes otherwise; `standard` when absent. */
  lane?: Lane;
  /** How long an answer may take, such as `15m`; without a lane it chooses the cheapest that fits. */
  patience?: string;
  /**
   * Preview. What the model gemini-decision-1 is asked first, for about a tenth of an extraction: a picture that is surely
   * not what the profile is for ends as NOT_SUITABLE.
   */
  gate?: readonly GateQuestion[];
  /**
   * When a model's quota of the day is used up: `climb`, the default, asks the next model of the ladder, which may be
   * dearer; `wait` sets the picture aside until the quota renews.
   */
  whenQuotaIsSpent?: 'climb' | 'wait';
  /** An answer whose `confidence` is lower climbs to the next step; 0 accepts all. */
  minConfidence: number;
  /** Rules that an answer must keep to be believed; a broken one climbs to the next step. */
  checks?: readonly Check[];
  /** Share of the answers, 0 to 1, that a person is asked to look at although nothing speaks against them. */
  reviewShare?: number;
  /**
   * A picture that looks at least so much like one that was answered before, of the same uploader and version of the
   * profile, takes over its answer: 0.98 finds copies that were saved again. Absent: each is asked.
   */
  similar?: Similar;
  /** How long an answer may be reused for the same picture, in hours; 0 asks every time. */
  cacheTtlHours: number;
  /** How an evaluation compares fields, by path such as `items[].sku`; the others as their type suggests. */
  comparators?: Readonly<Record<string, Comparator>>;
  /** https address that is notified of each result, unless the upload names another one. */
  webhook?: string;
}

/** The profile's answer, for people who read Firestore: `AnswerOf<typeof inventory>`. */
export type AnswerOf<P extends Profile> = z.infer<P['schema']>;

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const MAX_SIDE = 3072;
const REFERENCE_FILE = /^[a-z0-9][\w-]*(\/[a-z0-9][\w-]*)*\.(jpe?g|png)$/i;
/** At HIGH this many cost 18,000 tokens a call, twenty times the picture. */
const MAX_REFERENCES = 16;
const MAX_CAPTION = 500;

/** Checks a profile when it is loaded, so that a mistake is a sentence at start-up and not a 400 at the first picture. */
export function defineProfile<S extends z.ZodObject>(profile: Profile<S>): Profile<S> {
  const problems = [...profileProblems(profile), ...compileZod(profile.schema).problems.map(problemText)];
  if (problems.length > 0) {
    throw new Error(`The profile "${profile.name}" is not usable: ${problems.join('; ')}.`);
  }
  return profile;
}

/** What is wrong with a profile beside its schema, in sentences without their full stop. */
export function profileProblems(profile: Profile): string[] {
  return [
    NAME.test(profile.name) ? undefined : 'name must be lower-case letters, digits and dashes',
    Number.isInteger(profile.version) && profile.version > 0
      ? undefined
      : 'version must be a whole number from 1',
    profile.maxSide >= 64 && profile.maxSide <= MAX_SIDE
      ? undefined
      : `maxSide must be 64 to ${MAX_SIDE} pixels`,
    profile.preparation === undefined || PREPARATIONS.includes(profile.preparation)
      ? undefined
      : `preparation must be ${PREPARATIONS.join(' or ')}`,
    profile.maxBytes === undefined || profile.maxBytes >= LEAST_MAX_BYTES
      ? undefined
      : `maxBytes must be at least ${LEAST_MAX_BYTES}`,
    objectionToLane(profile),
    profile.minConfidence >= 0 && profile.minConfidence <= 1 ? undefined : 'minConfidence must be 0 to 1',
    profile.reviewShare === undefined || (profile.reviewShare >= 0 && profile.reviewShare <= 1)
      ? undefined
      : 'reviewShare must be 0 to 1',
    objectionToSimilar(profile),
    ...(profile.evidence === undefined ? [] : boxProblems(profile)),
    ...gateProblems(profile.gate ?? []),
    ...decisionProblems(profile),
    ...referenceProblems(profile.references ?? []),
  ].filter((problem) => problem !== undefined);
}

function boxProblems({ evidence, schema, ladder }: Profile): string[] {
  if (evidence === undefined || !EVIDENCE_KINDS.includes(evidence))
    return [`evidence must be ${EVIDENCE_KINDS.join(' or ')}`];
  return firstWritten({ ladder })
    ? evidenceProblems(schema)
    : [`evidence needs a step of a model that writes; ${DECISION_MODEL} does not say where it has looked`];
}

/** The API takes a thousand questions; more than a few say that the profile is asked of the wrong pictures. */
const MAX_GATE = 10;
const MAX_QUESTION = 500;

const gateProblems = (gate: readonly GateQuestion[]): string[] => [
  ...(gate.length > MAX_GATE ? [`gate asks at most ${MAX_GATE} questions`] : []),
  ...gate.flatMap(({ ask, holds, fails }) => [
    ...(ask.trim() !== '' && ask.length <= MAX_QUESTION
      ? []
      : [`a question of the gate has 1 to ${MAX_QUESTION} characters`]),
    ...((holds === undefined) === (fails === undefined)
      ? []
      : [`the gate's "${ask}" needs both holds and fails, or neither`]),
  ]),
];

/** What can be seen without the files; they are read by the caller that sends them. */
function referenceProblems(references: readonly Reference[]): string[] {
  const files = references.map(({ file }) => file);
  const twice = files.filter((file, i) => files.indexOf(file) !== i);
  return [
    ...(references.length > MAX_REFERENCES ? [`at most ${MAX_REFERENCES} references can be sent`] : []),
    ...twice.map((file) => `the reference ${file} is named twice`),
    ...references.flatMap(({ file, caption }) => [
      ...(REFERENCE_FILE.test(file)
        ? []
        : [`the reference ${file} must be a .jpg or .png below profiles/references`]),
      ...(caption.trim() !== '' && caption.length <= MAX_CAPTION
        ? []
        : [`the reference ${file} needs a caption of at most ${MAX_CAPTION} characters`]),
    ]),
  ];
}
