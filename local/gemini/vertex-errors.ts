import { GeminiError, poolExhausted } from './errors.ts';

const DOCS = 'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini';
const submit = (reason: string): string => `Unable to submit request because ${reason} Learn more: ${DOCS}`;

/** Where Vertex AI says it in other words than the Developer API. */
const WORDS: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/contents: contents is not specified/, () => submit('at least one contents field is required.')],
  [
    /contents\.parts must not be empty/,
    () => submit('it must include at least one parts field, which describes the prompt input.'),
  ],
  [
    /^Unsupported MIME type: (.*)$/,
    ([, type]) =>
      submit(
        `it has a mimeType parameter with value ${type}, which is not supported. Update the mimeType and try again.`,
      ),
  ],
  [
    /^Thinking level (\S+) is not supported/,
    ([, level]) => submit(`thinking_level ${level} is not supported by this model.`),
  ],
];

/**
 * The same refusal as Vertex AI makes it: its own words, its own type names, and a 429 that tells no quota, because a
 * shared pool has none.
 */
export function asVertex(error: GeminiError): GeminiError {
  if (error.httpStatus === 429) return poolExhausted();
  const { status, message, details } = error.body.error;
  for (const [pattern, words] of WORDS) {
    const match = pattern.exec(message);
    if (match) return new GeminiError(error.httpStatus, status, words(match));
  }
  const renamed = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replaceAll(
        'google.ai.generativelanguage.v1beta',
        'google.cloud.aiplatform.v1beta1',
      ),
    ) as T;
  return new GeminiError(error.httpStatus, status, renamed(message), details && renamed(details));
}
