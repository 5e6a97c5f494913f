import { z } from 'zod';
import { createReader } from '../../local/reader/reader.ts';
import { defineProfile } from '../../shared/profiles/define.ts';
import { STANDARD_LADDER } from '../../shared/profiles/standard-ladder.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { DraftField } from './draft.ts';
import { guessFields } from './guess-fields.ts';
import { chooseModel } from './model.ts';
import { tryProfile } from './trial.ts';

const TYPES = [
  'text',
  'number',
  'integer',
  'boolean',
  'date',
  'time',
  'email',
  'url',
  'gtin',
  'currency',
] as const;

/** A form of forms: what the model is asked when it is to propose one. */
const proposals = (ask: string) =>
  defineProfile({
    name: 'propose-fields',
    version: 1,
    prompt:
      'Propose the fields of a form that is filled in from pictures like this one, to answer the following question. ' +
      'Name a field for each thing that the question needs and that such a picture can show, most telling first; ' +
      `names in English, in camelCase. The question: ${ask}`,
    schema: z.object({
      fields: z
        .array(
          z.object({
            name: z.string().max(40),
            type: z.enum(TYPES),
            description: z.string().max(120).describe('what it means, in a few words'),
            isList: z.boolean().describe('whether a picture may show several'),
            mayBeMissing: z.boolean().describe('whether a picture may not show it'),
          }),
        )
        .max(20),
    }),
    maxSide: 2048,
    ladder: [STANDARD_LADDER[1] ?? STANDARD_LADDER[0]],
    minConfidence: 0,
    cacheTtlHours: 0,
  });

/** Fields for a question about pictures like this one: by Gemini where there is a key, else by what can be read off it. */
export async function proposeFields(cli: Cli, ask: string, picture: Buffer): Promise<DraftField[]> {
  const { out, env } = cli;
  if (!env['GEMINI_API_KEY']) {
    out.note('No GEMINI_API_KEY is set: fields are guessed from what can be read in the picture.');
    return readFields(picture, cli.interrupted);
  }
  const model = await chooseModel(env, cli.target);
  out.note(`Asking ${model.label} for fields; nothing is stored.`);
  const profile = proposals(ask);
  const { answer } = await tryProfile(profile, picture, model.call, cli.interrupted);
  const { fields } = profile.schema.parse(answer) as { fields: Proposed[] };
  const known = new Set<string>();
  return fields.flatMap(({ name, type, description, isList, mayBeMissing }) => {
    const plainName = name.replace(/[^\w-]/g, '').replace(/^[^a-zA-Z]+/, '');
    if (plainName === '' || plainName === 'confidence' || known.has(plainName)) return [];
    known.add(plainName);
    return [{ name: plainName, type, description, isList, nullable: mayBeMissing && !isList }];
  });
}

interface Proposed {
  name: string;
  type: (typeof TYPES)[number];
  description: string;
  isList: boolean;
  mayBeMissing: boolean;
}

async function readFields(picture: Buffer, signal: AbortSignal): Promise<DraftField[]> {
  const reader = createReader();
  try {
    const fields = guessFields(await reader.read(picture, signal));
    if (fields.length > 0) return fields;
    throw new CliError('Nothing can be read in the picture that would be a field.', {
      hint: 'Name the fields: pipeline profiles new NAME --ask QUESTION total:number? day:date?',
    });
  } finally {
    await reader.close();
  }
}
