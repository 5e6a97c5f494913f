import { ReaderBusyError } from '../reader/errors.ts';
import type { ReaderFacts } from '../reader/facts.ts';
import { answer } from './answer.ts';
import { invalidArgument, overloaded } from './errors.ts';
import { withEvidence } from './evidence.ts';
import type { RequestImage } from './images.ts';
import type { ModelFacts } from './models.ts';
import type { GenerationConfig } from './request.ts';
import type { ReadImage } from './simulation.ts';
import { caption } from './statements.ts';
import { usablePixels } from './tokens.ts';
import { viewOf } from './view.ts';

const JSON_TYPES: readonly string[] = ['application/json', 'text/x.enum'];

/** The text of the answer: JSON by the schema where one is asked for, else a sentence. */
export function answerText(facts: ReaderFacts, config: GenerationConfig): string {
  if (!JSON_TYPES.includes(config.responseMimeType ?? 'text/plain')) return caption(facts);
  const schema = config.responseSchema ?? jsonSchema(config);
  const value = withEvidence(schema, answer(schema, viewOf(facts)), facts);
  return config.responseMimeType === 'text/x.enum' ? String(value) : JSON.stringify(value);
}

const jsonSchema = ({ responseJsonSchema }: GenerationConfig) =>
  typeof responseJsonSchema === 'object' ? responseJsonSchema : undefined;

/** Everything that can be read off the pictures, as of one. */
export async function readAll(
  images: readonly RequestImage[],
  model: ModelFacts,
  read: ReadImage | undefined,
  signal: AbortSignal,
): Promise<ReaderFacts> {
  const all: ReaderFacts[] = [];
  for (const image of images) all.push(read ? await readOne(image, model, read, signal) : sizeOnly(image));
  return combine(all);
}

async function readOne(
  image: RequestImage,
  model: ModelFacts,
  read: ReadImage,
  signal: AbortSignal,
): Promise<ReaderFacts> {
  try {
    return await read(image.bytes, signal, usablePixels(image.resolution, model));
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof ReaderBusyError) throw overloaded();
    throw invalidArgument('Provided image is not valid.');
  }
}

const sizeOnly = ({ width, height }: { width: number; height: number }): ReaderFacts => ({
  width,
  height,
  codes: [],
  text: '',
  textConfidence: 0,
  colors: [],
});

/** Several pictures are answered as one: codes and text of all, size and colors of the first. */
function combine([first, ...others]: readonly ReaderFacts[]): ReaderFacts {
  if (!first) return sizeOnly({ width: 0, height: 0 });
  if (others.length === 0) return first;
  const all = [first, ...others];
  const withText = all.filter((facts) => facts.text !== '');
  return {
    ...first,
    codes: all.flatMap((facts) => facts.codes.map(({ format, text }) => ({ format, text }))),
    // A place would have to say in which of the pictures.
    lines: [],
    text: withText.map((facts) => facts.text).join('\n'),
    textConfidence: withText.reduce((sum, facts) => sum + facts.textConfidence, 0) / (withText.length || 1),
  };
}
