import { documentTokens } from './documents.ts';
import type { RequestMedia } from './images.ts';
import { type ModelFacts, THOUGHT_TOKENS, type ThinkingLevel } from './models.ts';
import type { Content, GenerateContentRequest } from './request.ts';
import { imageTokens, textTokens } from './tokens.ts';

export interface PromptTokens {
  text: number;
  image: number;
  /** Of both, those that come from an explicit cache. */
  cached: CachedTokens;
  /** Text and image, cached ones included. */
  total: number;
}

export interface CachedTokens {
  text: number;
  image: number;
  total: number;
}

export const textOf = (contents: readonly Content[] = []): string =>
  contents
    .flatMap((content) => content.parts ?? [])
    .map((part) => part.text ?? '')
    .join('');

/** Counts the prompt: its texts, its functions and response schema (billed as input), its images and pages. */
export function countPrompt(
  request: GenerateContentRequest,
  { images, documents }: RequestMedia,
  model: ModelFacts,
  cache?: { tokens: CachedTokens },
): PromptTokens {
  const config = request.generationConfig;
  const schema = config?.responseSchema ?? config?.responseJsonSchema;
  const instructions = request.systemInstruction ? [request.systemInstruction] : [];
  const own =
    textTokens(textOf(instructions)) +
    textTokens(textOf(request.contents)) +
    (schema ? textTokens(JSON.stringify(schema)) : 0) +
    (request.tools?.length ? textTokens(JSON.stringify(request.tools)) : 0);
  // Pages count as pictures: a recorded reply of a PDF has them under IMAGE.
  const image =
    images.reduce((sum, one) => sum + imageTokens(one, one.resolution, model), 0) +
    documents.reduce((sum, one) => sum + documentTokens(one, model), 0);
  const cached = cache?.tokens ?? { text: 0, image: 0, total: 0 };
  return {
    text: own + cached.text,
    image: image + cached.image,
    cached,
    total: own + image + cached.total,
  };
}

export function thoughtTokens(request: GenerateContentRequest, model: ModelFacts): number {
  const { thinkingLevel, thinkingBudget } = request.generationConfig?.thinkingConfig ?? {};
  if (thinkingBudget === 0 && model.thinkingLevels.length === 0) return 0;
  const level = thinkingLevel?.toLowerCase() as ThinkingLevel | undefined;
  return THOUGHT_TOKENS[level ?? model.defaultThinkingLevel] ?? 0;
}

/** `usageMetadata` of a reply; counts of zero are absent where the API leaves them out. */
export interface UsageMetadata {
  promptTokenCount: number;
  cachedContentTokenCount?: number;
  candidatesTokenCount?: number;
  thoughtsTokenCount?: number;
  totalTokenCount: number;
  promptTokensDetails: ModalityTokens[];
  cacheTokensDetails?: ModalityTokens[];
  candidatesTokensDetails?: ModalityTokens[];
  /** Which tier served the call: the Developer API's word, and Vertex AI's. */
  serviceTier?: string;
  trafficType?: string;
}

interface ModalityTokens {
  modality: 'TEXT' | 'IMAGE';
  tokenCount: number;
}

export function usageMetadata(prompt: PromptTokens, candidates: number, thoughts: number): UsageMetadata {
  return {
    promptTokenCount: prompt.total,
    ...(prompt.cached.total > 0 ? { cachedContentTokenCount: prompt.cached.total } : {}),
    ...(candidates > 0 ? { candidatesTokenCount: candidates } : {}),
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
    totalTokenCount: prompt.total + candidates + thoughts,
    promptTokensDetails: modalities(prompt),
    ...(prompt.cached.total > 0 ? { cacheTokensDetails: modalities(prompt.cached) } : {}),
    ...(candidates > 0 ? { candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: candidates }] } : {}),
  };
}

export const modalities = ({ text, image }: Pick<PromptTokens, 'text' | 'image'>): ModalityTokens[] => [
  { modality: 'TEXT', tokenCount: text },
  ...(image > 0 ? [{ modality: 'IMAGE' as const, tokenCount: image }] : []),
];
