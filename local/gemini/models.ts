/**
 * The models the simulator knows: what each accepts and how it counts. Data only; no prices live here.
 * Sources: Google's model, thinking, media-resolution and caching pages, read 2026-11-20.
 */

export type ThinkingLevel = 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';

export interface ModelFacts {
  displayName: string;
  /** Tokens of prompt and answer a single call may hold. */
  inputTokenLimit: number;
  outputTokenLimit: number;
  /** Levels the model accepts; others are a 400. Empty: the model takes no thinkingLevel at all. */
  thinkingLevels: readonly ThinkingLevel[];
  defaultThinkingLevel: ThinkingLevel;
  /** `budget`: mediaResolution sets the tokens (3.x, 4.x). `tiles`: pixels do (2.x). */
  imageTokens: 'budget' | 'tiles';
}

const GEMINI_3: Pick<ModelFacts, 'inputTokenLimit' | 'outputTokenLimit' | 'imageTokens'> = {
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  imageTokens: 'budget',
};

export type ModelTable = Readonly<Record<string, ModelFacts>>;

export const MODELS: ModelTable = {
  'gemini-3.5-flash-lite': {
    ...GEMINI_3,
    displayName: 'Gemini 3.5 Flash-Lite',
    thinkingLevels: ['minimal', 'low', 'medium', 'high'],
    defaultThinkingLevel: 'minimal',
  },
  'gemini-3.1-flash-lite': {
    ...GEMINI_3,
    displayName: 'Gemini 3.1 Flash-Lite',
    thinkingLevels: ['minimal', 'low', 'medium', 'high'],
    defaultThinkingLevel: 'minimal',
  },
  'gemini-3.8-flash': {
    ...GEMINI_3,
    displayName: 'Gemini 3.8 Flash',
    thinkingLevels: ['low', 'medium', 'high'],
    defaultThinkingLevel: 'medium',
  },
  'gemini-4-argon': {
    ...GEMINI_3,
    displayName: 'Gemini 4 Argon',
    thinkingLevels: ['low', 'medium', 'high'],
    defaultThinkingLevel: 'medium',
  },
  'gemini-3.6-flash': {
    ...GEMINI_3,
    displayName: 'Gemini 3.6 Flash',
    thinkingLevels: ['low', 'medium', 'high'],
    defaultThinkingLevel: 'medium',
  },
  'gemini-3.1-pro-preview': {
    ...GEMINI_3,
    displayName: 'Gemini 3.1 Pro Preview',
    thinkingLevels: ['low', 'medium', 'high'],
    defaultThinkingLevel: 'high',
  },
  'gemini-4-carbon': {
    ...GEMINI_3,
    displayName: 'Gemini 4 Carbon',
    thinkingLevels: ['low', 'medium', 'high'],
    defaultThinkingLevel: 'medium',
  },
  'gemini-4-hydrogen': {
    ...GEMINI_3,
    displayName: 'Gemini 4 Hydrogen',
    thinkingLevels: ['low', 'medium', 'high', 'xhigh'],
    defaultThinkingLevel: 'high',
  },
  'gemini-4-neon': {
    ...GEMINI_3,
    displayName: 'Gemini 4 Neon',
    thinkingLevels: ['low', 'medium', 'high', 'xhigh'],
    defaultThinkingLevel: 'high',
  },
  'gemini-2.5-flash': {
    ...GEMINI_3,
    displayName: 'Gemini 2.5 Flash',
    thinkingLevels: [],
    defaultThinkingLevel: 'minimal',
    imageTokens: 'tiles',
  },
};

/** Thoughts a call is billed for, by level. Google bills what was thought; these are typical of one small picture. */
export const THOUGHT_TOKENS: Readonly<Record<ThinkingLevel, number>> = {
  minimal: 0,
  low: 96,
  medium: 320,
  high: 900,
  xhigh: 2400,
};

/** mediaResolution -> the token budget of one image (3.x, 4.x). ULTRA_HIGH is allowed per part only. */
export const MEDIA_BUDGETS = {
  MEDIA_RESOLUTION_LOW: 280,
  MEDIA_RESOLUTION_MEDIUM: 560,
  MEDIA_RESOLUTION_HIGH: 1120,
  MEDIA_RESOLUTION_ULTRA_HIGH: 2240,
} as const;

/** The model's answers are the local reader's: the suffix says so, and a price lookup can cut it off. */
export const modelVersion = (model: string): string => `${model}@local-reader`;

/**
 * Names that lead to another model: the floating ones, and those that Google answers by a successor since 2026-10-08.
 * The reply's `modelVersion` names the one that answered. Vertex AI has none of them.
 */
const ALIASES: Readonly<Record<string, string>> = {
  'gemini-flash-latest': 'gemini-3.8-flash',
  'gemini-flash-lite-latest': 'gemini-3.5-flash-lite',
  'gemini-pro-latest': 'gemini-3.1-pro-preview',
  'gemini-3.5-flash': 'gemini-3.6-flash',
  'gemini-3.7-flash': 'gemini-3.8-flash',
};

export const aliasedModel = (name: string): string =>
  (Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined) ?? name;

export const aliasNames = (): string[] => Object.keys(ALIASES);
