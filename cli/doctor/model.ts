import { z } from 'zod';
import { allProfiles } from '../../shared/profiles/index.ts';
import { APPLY, error, type Finding, listed, orAllWell, unseen, warning } from './finding.ts';
import { type GoogleApi, type Looked, unseenOf } from './google-api.ts';
import type { Backend } from './project.ts';

export const modelShape = z.looseObject({
  name: z.string(),
  supportedGenerationMethods: z.array(z.string()).optional(),
});

/** Every model that a profile's ladder names, each once. */
export const configuredModels = (): string[] => [
  ...new Set(allProfiles().flatMap(({ ladder }) => ladder.flatMap(({ models }) => models))),
];

/** Whether Gemini knows every model of the ladders. With a key, the key is tried too. */
export async function examineModels(
  api: GoogleApi,
  backend: Backend,
  location: string,
  apiKey: string | undefined,
): Promise<Finding[]> {
  const models = configuredModels();
  const looked = await Promise.all(
    models.map((model) =>
      api.get(
        addressOf(backend, location, model),
        modelShape,
        backend === 'developer' && apiKey ? { 'x-goog-api-key': apiKey } : {},
      ),
    ),
  );
  const findings = models.flatMap((model, i) => modelFindings(model, looked[i]));
  const ofKey = backend === 'developer' ? keyFindings(apiKey) : [];
  return [...orAllWell(distinct(findings), `Gemini knows ${listed(models)}.`), ...ofKey];
}

/** Keys of the old form are on their way out (https://ai.google.dev/gemini-api/docs/api-key, read 2026-09-20). */
export const keyFindings = (apiKey: string | undefined): Finding[] =>
  apiKey?.trim().startsWith('AIza')
    ? [
        warning(
          'The key of GEMINI_API_KEY is a standard key (AIza…): Google refuses unrestricted ones since June 2026 and has announced to refuse all of them.',
          'Make an auth key (AQ.…) at https://aistudio.google.com/apikey; docs/deploy.md says how to change keys without downtime',
        ),
      ]
    : [];

/** The same address as the pipeline's calls, without `:generateContent`. */
function addressOf(backend: Backend, location: string, model: string): string {
  if (backend === 'developer') return `https://generativelanguage.googleapis.com/v1beta/models/${model}`;
  return `https://${vertexHost(location)}/v1beta1/publishers/google/models/${model}`;
}

/** As in `@google/genai`. */
const MULTI_REGIONS = ['us', 'eu'];

function vertexHost(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com';
  return MULTI_REGIONS.includes(location)
    ? `aiplatform.${location}.rep.googleapis.com`
    : `${location}-aiplatform.googleapis.com`;
}

export function modelFindings(
  model: string,
  looked: Looked<z.infer<typeof modelShape>> | undefined,
): Finding[] {
  if (looked === undefined) return [];
  switch (looked.state) {
    case 'missing':
      return [
        error(
          `Gemini does not know the model ${model}.`,
          `Name another in shared/profiles/standard-ladder.ts, then: npm run build && ${APPLY}`,
        ),
      ];
    case 'unseen':
      if (looked.reason === 'API_KEY_INVALID') {
        return [
          error(
            'Gemini refuses the API key of GEMINI_API_KEY.',
            'Make a key at https://aistudio.google.com/apikey, then: export GEMINI_API_KEY=NEW_KEY',
          ),
        ];
      }
      return [
        looked.fix === undefined
          ? unseen(`the model ${model}`, looked.why, 'export GEMINI_API_KEY=YOUR_KEY and run this again')
          : unseenOf(`the model ${model}`, looked),
      ];
    case 'found': {
      const methods = looked.value.supportedGenerationMethods;
      return methods === undefined || methods.includes('generateContent')
        ? []
        : [
            error(
              `The model ${model} answers no questions about pictures (${methods.join(', ')}).`,
              `Name another in shared/profiles/standard-ladder.ts, then: npm run build && ${APPLY}`,
            ),
          ];
    }
  }
}

const distinct = (findings: readonly Finding[]): Finding[] => [
  ...new Map(findings.map((finding) => [finding.text, finding])).values(),
];
