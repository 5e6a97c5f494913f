import { profileNamed } from '../../shared/profiles/index.ts';
import { changed, dropped, kept, location, type Rule, type Rules, unless, without } from './plan.ts';

/** Said where a key stands, whose value is never looked at. */
const SECRET =
  'Neither read nor copied. Hand the key over by the environment: export TF_VAR_gemini_api_key=… (docs/deploy.md).';

const provider: Rule = (value, plan) => {
  plan.backend = value === 'vertex-ai' ? 'vertex' : 'developer';
  return kept(`gemini = { backend = "${plan.backend}" }`);
};

/** Families that answer no more, or soon will not. */
const OUTDATED = /^(?:models\/)?gemini-(?:pro|ultra|1|2)/;

const model: Rule = (value, plan) => {
  const first = profileNamed('describe')?.ladder[0].models[0] ?? '';
  if (OUTDATED.test(value)) {
    return changed(
      `${value} is of a family that is being retired. The ladder begins with ${first} and climbs when it is unsure.`,
    );
  }
  plan.model = value.replace(/^models\//, '');
  return kept(`The first step of the ladder is ${plan.model}; stronger steps follow when it is unsure.`);
};

const SAMPLING = without(
  'No counterpart: Gemini ignores it since 2026-07. Answers follow a schema and are checked instead.',
);

const SAFETY = unless(
  ['HARM_BLOCK_THRESHOLD_UNSPECIFIED'],
  without(
    "No counterpart: the model's own rules hold, and a picture that they block ends as refused with the reason.",
  ),
);

const prompt: Rule = (value, plan) => {
  plan.prompt = value;
  plan.isFilter = false;
  const variables = [...value.matchAll(/\{\{\{?\s*([\w.]+)\s*\}?\}\}/g)].map(([, name]) => name);
  if (variables.length === 0) return kept('The question of the profile.');
  return changed(
    `The question of the profile. A picture brings no document fields along: replace ${[...new Set(variables)].join(', ')} by words.`,
  );
};

/** Settings of "Multimodal Tasks with the Gemini API" (firestore-multimodal-genai), those of older versions included. */
export const MULTIMODAL_GENAI: Rules = {
  LOCATION: location,
  GENERATIVE_AI_PROVIDER: provider,
  MODEL: model,
  GENERATIVE_AI_MODEL: model,
  GOOGLE_AI_MODEL: model,
  VERTEX_AI_MODEL: model,
  VERTEX_AI_PROVIDER_LOCATION: unless(['null'], (value, plan) => {
    plan.modelLocation = value;
    return kept(`gemini = { location = "${value}" }; it counts with the backend vertex alone.`);
  }),
  API_KEY: () => dropped(SECRET),
  COLLECTION_NAME: (value) =>
    changed(
      `Nothing is written into ${value} to start the work: upload a picture. Results are documents of \`results\`, one for each picture.`,
    ),
  PROMPT: prompt,
  VARIABLE_FIELDS: without('A picture brings no document fields along; what varies belongs into profiles.'),
  IMAGE_FIELD: without('The picture is the upload itself; the result names it in `source`.'),
  RESPONSE_FIELD: (value, plan) => {
    plan.answerField = value;
    return changed(
      `The answer is typed: its text is in answer.${value}. Give the schema fields of its own for more.`,
    );
  },
  TEMPERATURE: SAMPLING,
  TOP_P: SAMPLING,
  TOP_K: SAMPLING,
  CANDIDATE_COUNT: unless(['1'], without('There is one answer, checked against the schema.')),
  CANDIDATES_FIELD: without('There is one answer, checked against the schema.'),
  MAX_OUTPUT_TOKENS: (value, plan) => {
    plan.maxOutputTokens = Math.max(256, Number(value) || 0);
    return kept(`maxOutputTokens: ${plan.maxOutputTokens} in the first step of the ladder.`);
  },
  HARM_CATEGORY_HATE_SPEECH: SAFETY,
  HARM_CATEGORY_DANGEROUS_CONTENT: SAFETY,
  HARM_CATEGORY_HARASSMENT: SAFETY,
  HARM_CATEGORY_SEXUALLY_EXPLICIT: SAFETY,
  ENABLE_GENKIT_MONITORING: without('Terraform sets up a dashboard, metrics and alerts.'),
  RAG_HOOK_URL: without('No counterpart: nothing is fetched while a picture is analyzed.'),
  RAG_HOOK_API_KEY: () => dropped('Not read and not copied; there is no counterpart.'),
};

export const isMultimodalGenai = (names: ReadonlySet<string>): boolean =>
  names.has('GENERATIVE_AI_PROVIDER') ||
  names.has('RESPONSE_FIELD') ||
  (names.has('PROMPT') && names.has('COLLECTION_NAME'));
