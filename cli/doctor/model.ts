import { z } from 'zod';
import { vertexHost } from '../../shared/model/gemini/vertex-host.ts';
import {
  DECISION_MODEL,
  decidesFirst,
  firstWritten,
  modelsAsked,
} from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { APPLY, error, type Finding, listed, orAllWell, unseen, warning } from './finding.ts';
import { type GoogleApi, type Looked, unseenOf } from './google-api.ts';
import type { Backend } from './project.ts';

export const modelShape = z.looseObject({
  name: z.string(),
  supportedGenerationMethods: z.array(z.string()).optional(),
});

interface ModelAccess {
  backend: Backend;
  location: string;
  apiKey: string | undefined;
  /** Whether the Gemini API, which alone has decisions, is a way to Gemini. */
  decides: boolean;
}

/** Whether Gemini knows every model that is asked. With a key, the key is tried too. */
export async function examineModels(
  api: GoogleApi,
  { backend, location, apiKey, decides }: ModelAccess,
  profiles: readonly Profile[],
): Promise<Finding[]> {
  const models = modelsAsked(profiles).filter((model) => backend === 'developer' || model !== DECISION_MODEL);
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
  const decisions = decides ? [] : decisionFindings(profiles);
  return [...orAllWell(distinct(findings), `Gemini knows ${listed(models)}.`), ...decisions, ...ofKey];
}

/** Where Vertex AI answers; a key beside it makes the Gemini API decide. */
export function decisionFindings(profiles: readonly Profile[]): Finding[] {
  const asking = profiles.filter(decidesFirst);
  const [going, alone] = [asking.filter(firstWritten), asking.filter((profile) => !firstWritten(profile))];
  const names = (some: readonly Profile[]) => listed(some.map(({ name }) => name));
  const fix = `Give analyze-image GEMINI_API_KEY too, or choose other models in profiles/, then: ${APPLY}`;
  return [
    ...(going.length > 0
      ? [
          warning(
            `Vertex AI does not have ${DECISION_MODEL}: ${names(going)} goes on to the next step of its ladder.`,
            fix,
          ),
        ]
      : []),
    ...(alone.length > 0
      ? [
          error(
            `Vertex AI does not have ${DECISION_MODEL}, which is all that the ladder of ${names(alone)} has: without a key of the Gemini API analyze-image does not start.`,
            fix,
          ),
        ]
      : []),
  ];
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

export function modelFindings(
  model: string,
  looked: Looked<z.infer<typeof modelShape>> | undefined,
): Finding[] {
  if (looked === undefined) return [];
  switch (looked.state) {
    case 'missing':
      if (model === DECISION_MODEL) return [notListed];
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
      return methods === undefined || methods.includes('generateContent') || model === DECISION_MODEL
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

/** A preview may answer and not be listed. */
const notListed = warning(
  `Gemini does not list ${DECISION_MODEL}, a preview: where it does not answer, pictures go on without it.`,
  'Look at https://aistudio.google.com/docs/decisions-api; `pipeline profiles try` asks it',
);

const distinct = (findings: readonly Finding[]): Finding[] => [
  ...new Map(findings.map((finding) => [finding.text, finding])).values(),
];
