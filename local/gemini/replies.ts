import type { ReplyFault } from './fault-names.ts';
import type { FunctionCall } from './functions.ts';
import { modelVersion } from './models.ts';
import { textTokens, textWithin } from './tokens.ts';
import { type PromptTokens, type UsageMetadata, usageMetadata } from './usage.ts';

/** A 200 of generateContent. */
export interface GenerateContentReply {
  candidates?: Candidate[];
  promptFeedback?: { blockReason: string; safetyRatings: SafetyRating[] };
  usageMetadata: UsageMetadata;
  modelVersion: string;
  responseId: string;
}

export interface ReplyPart {
  text?: string;
  thought?: boolean;
  functionCall?: FunctionCall;
  thoughtSignature?: string;
}

interface Candidate {
  content?: { parts?: ReplyPart[]; role: 'model' };
  finishReason: string;
  finishMessage?: string;
  index: number;
  safetyRatings?: SafetyRating[];
}

interface SafetyRating {
  category: string;
  probability: string;
  blocked?: boolean;
}

export interface ReplyContext {
  model: string;
  responseId: string;
  prompt: PromptTokens;
  thoughts: number;
  /** Thinking and answer together; undefined: the model's own limit, never reached here. */
  maxOutputTokens?: number;
  includeThoughts: boolean;
}

/** Clients send it back with the call; what it holds is nobody's business but the model's. */
const SIGNATURE = Buffer.from('read off the picture').toString('base64');

const CATEGORIES: readonly string[] = [
  'HARM_CATEGORY_SEXUALLY_EXPLICIT',
  'HARM_CATEGORY_HATE_SPEECH',
  'HARM_CATEGORY_HARASSMENT',
  'HARM_CATEGORY_DANGEROUS_CONTENT',
];

/** The answer as the model gives it: cut where thinking and text reach maxOutputTokens. */
export function answerReply(text: string, context: ReplyContext): GenerateContentReply {
  const limit = context.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const thoughts = Math.min(context.thoughts, limit);
  const room = limit - thoughts;
  if (textTokens(text) <= room) return textReply(text, 'STOP', { ...context, thoughts });
  return textReply(textWithin(text, room), 'MAX_TOKENS', { ...context, thoughts });
}

/** The model calls a function and says nothing. */
export function callReply(call: FunctionCall, context: ReplyContext): GenerateContentReply {
  const parts = [{ functionCall: call, thoughtSignature: SIGNATURE }];
  const content = { parts, role: 'model' as const };
  return reply(
    [{ content, finishReason: 'STOP', index: 0, finishMessage: 'Model generated function call(s).' }],
    textTokens(JSON.stringify(call)),
    context,
  );
}

function textReply(text: string, finishReason: string, context: ReplyContext): GenerateContentReply {
  const thought = context.includeThoughts
    ? [{ text: 'Read the picture, then filled the fields.', thought: true }]
    : [];
  const parts = [...thought, ...(text === '' ? [] : [{ text }])];
  const content = { ...(parts.length > 0 ? { parts } : {}), role: 'model' as const };
  return reply([{ content, finishReason, index: 0 }], textTokens(text), context);
}

function reply(
  candidates: Candidate[] | undefined,
  tokens: number,
  context: ReplyContext,
): GenerateContentReply {
  return {
    ...(candidates ? { candidates } : {}),
    usageMetadata: usageMetadata(context.prompt, tokens, candidates ? context.thoughts : 0),
    modelVersion: modelVersion(context.model),
    responseId: context.responseId,
  };
}

/** Stopped for this reason, before anything was said. */
const stopped = (finishReason: string, context: ReplyContext, more: Partial<Candidate> = {}) =>
  reply([{ finishReason, index: 0, ...more }], 0, context);

const ratings = (blockedCategory: string): SafetyRating[] =>
  CATEGORIES.map((category) =>
    category === blockedCategory
      ? { category, probability: 'HIGH', blocked: true }
      : { category, probability: 'NEGLIGIBLE' },
  );

/** The same answer, gone wrong in one of the ways that come with a 200. */
export function faultyReply(fault: ReplyFault, text: string, context: ReplyContext): GenerateContentReply {
  switch (fault) {
    case 'blockedPrompt':
      return {
        ...reply(undefined, 0, context),
        promptFeedback: {
          blockReason: 'PROHIBITED_CONTENT',
          safetyRatings: ratings('HARM_CATEGORY_HATE_SPEECH'),
        },
      };
    case 'safety':
      return stopped('SAFETY', context, { safetyRatings: ratings('HARM_CATEGORY_DANGEROUS_CONTENT') });
    case 'recitation':
      return stopped('RECITATION', context);
    case 'prohibited':
      return stopped('PROHIBITED_CONTENT', context);
    case 'spii':
      return stopped('SPII', context);
    case 'blocklist':
      return stopped('BLOCKLIST', context);
    case 'imageSafety':
      return stopped('IMAGE_SAFETY', context);
    case 'malformedResponse':
      return stopped('MALFORMED_RESPONSE', context, { finishMessage: 'Malformed response.' });
    case 'unknownFinish':
      return stopped('FINISH_REASON_OF_TOMORROW', context);
    case 'cutOff':
      return textReply(text.slice(0, Math.ceil(text.length * 0.6)), 'MAX_TOKENS', context);
    case 'fenced':
      return textReply(`\`\`\`json\n${text}\n\`\`\``, 'STOP', context);
    case 'malformed':
      return textReply(`${text.slice(0, -1)},,`, 'STOP', context);
    case 'wrongShape':
      return textReply('{"unexpected":["shape"]}', 'STOP', context);
    case 'empty':
      return stopped('STOP', context, { content: { role: 'model' } });
    case 'noContent':
      return stopped('OTHER', context, {
        finishMessage: 'Model failed to generate content due to internal error.',
      });
  }
}
