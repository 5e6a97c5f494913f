import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalCloudOptions } from '../../local/cloud.ts';
import { type Pipeline, picture, type Stored, startPipeline } from '../support/pipeline.ts';

export const DECISION = 'gemini-decision-1';
export const WRITERS = ['gemini-3.5-flash-lite', 'gemini-3.8-flash'];

/** Every kind of closed field. */
export const PARCEL = `
prompt: Judge the state of the parcel.
ladder: decision
minConfidence: 0.6
cacheTtlHours: 0
fields:
  damaged: { type: boolean, description: torn or wet }
  kind: { enum: [box, bag, tube], nullable: true }
  label:
    fields:
      legible: { type: boolean, nullable: true }
      grade: { type: integer, min: 1, max: 5 }
  marks: { listOf: { enum: [fragile, this-side-up, heavy] }, max: 3, unique: true }
  confidence: { type: number, min: 0, max: 1 }
`;

/** The same, with nobody to climb to. */
export const ALONE = PARCEL.replace(
  'ladder: decision',
  `ladder: [{ model: ${DECISION}, mediaResolution: HIGH }]`,
);

/** For folders that no profile is named after: nothing is decided there. */
const DESCRIBE = PARCEL.replace('ladder: decision\n', '');

/** What the models that write say of it. */
export const WRITTEN = {
  ...{ damaged: true, kind: 'bag', label: { legible: true, grade: 2 }, marks: ['heavy'] },
  confidence: 0.9,
};

/** Probabilities of yes, and choices, by name of the question. */
export type Decided = Readonly<Record<string, unknown>>;

/** A box, not damaged, of which nobody sees whether its label is legible; level 2 of the grades is the grade 3. */
export const SURE: Decided = {
  damaged: 0.02,
  kind: { answer: 'box', probability: 0.96 },
  'label.legible': { answer: 'cannot be seen', probability: 0.95 },
  'label.grade': { answer: '2', probability: 0.94 },
  'marks: fragile': 0.98,
  'marks: this-side-up': 0.01,
  'marks: heavy': 0.03,
};

export interface DecidingPipeline extends Pipeline {
  /** Uploads one more picture to `folder`; scripts the decisions first, then sure written answers. */
  ask(
    decisions: readonly object[],
    options?: { folder?: string; metadata?: Record<string, string>; seed?: number },
  ): Promise<string>;
}

/** The local cloud with the profile `parcel` and these, by name. */
export async function startDeciding({
  profiles = {},
  ...options
}: Partial<LocalCloudOptions> & {
  profiles?: Readonly<Record<string, string>>;
} = {}): Promise<DecidingPipeline> {
  const folder = await mkdtemp(join(tmpdir(), 'decisions-'));
  for (const [name, text] of Object.entries({ parcel: PARCEL, describe: DESCRIBE, ...profiles }))
    await writeFile(join(folder, `${name}.yaml`), text);
  const pipeline = await startPipeline({ ...options, env: { PROFILES_FOLDER: folder, ...options.env } });
  let seed = 7_000;
  return {
    ...pipeline,
    ask: async (decisions, { folder: profile = 'parcel', metadata = {}, seed: own } = {}) => {
      seed += 1;
      const written = WRITERS.map((model) => ({ model, json: WRITTEN, times: 99 }));
      pipeline.model.behave({
        script: [...decisions.map((step) => ({ model: DECISION, ...step })), ...written] as never,
      });
      const name = `${profile}/${seed}.jpg`;
      await pipeline.upload(name, await picture(own ?? seed, 300, 200), metadata);
      return name;
    },
    close: async () => {
      await pipeline.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Who was asked, and what each answer was worth. */
export const callsOf = (document: Record<string, unknown>): string[] =>
  (document as Stored & { attempts: { model: string; outcome: string }[] }).attempts.map(
    ({ model, outcome }) => `${model.startsWith(DECISION) ? 'decision' : 'written'} ${outcome}`,
  );

/** What a document says that it has cost, in nano-dollars. */
export const nanosOf = (document: Record<string, unknown>): number =>
  Math.round((document['cost'] as { usd: number }).usd * 1e9);
