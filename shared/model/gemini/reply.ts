import { z } from 'zod';
import type { TokenUsage } from '../../prices/price-list.ts';
import type { ModelReply, ReplyEnd } from '../request.ts';

/** Only what we read, all of it optional: replies come in odd shapes. */
const replyBody = z.object({
  candidates: z
    .array(
      z.object({
        content: z
          .object({
            parts: z
              .array(z.object({ text: z.string().optional(), thought: z.boolean().optional() }))
              .optional(),
          })
          .optional(),
        finishReason: z.string().optional(),
        finishMessage: z.string().optional(),
      }),
    )
    .optional(),
  promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
  usageMetadata: z
    .object({
      promptTokenCount: z.number().default(0),
      candidatesTokenCount: z.number().default(0),
      thoughtsTokenCount: z.number().default(0),
      cachedContentTokenCount: z.number().default(0),
      promptTokensDetails: z
        .array(z.object({ modality: z.string().optional(), tokenCount: z.number().default(0) }))
        .default([]),
    })
    .optional(),
  modelVersion: z.string().optional(),
});

type ReplyBody = z.infer<typeof replyBody>;

const BLOCKS = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);

/** Reads a generateContent body ourselves: the SDK's `text()` hides cut-off answers and mixes thoughts into them. */
export function readReply(body: unknown, requestedModel: string): ModelReply {
  const parsed = replyBody.safeParse(body);
  const reply: ReplyBody = parsed.success ? parsed.data : {};
  return {
    end: readEnd(reply),
    modelVersion: reply.modelVersion ?? requestedModel,
    usage: reply.usageMetadata ? readUsage(reply.usageMetadata) : null,
  };
}

function readEnd({ candidates, promptFeedback }: ReplyBody): ReplyEnd {
  const candidate = candidates?.[0];
  if (!candidate) {
    return promptFeedback
      ? { kind: 'blocked', reason: promptFeedback.blockReason ?? 'UNSPECIFIED' }
      : { kind: 'empty' };
  }
  const reason = candidate.finishReason ?? 'UNSPECIFIED';
  if (BLOCKS.has(reason)) return { kind: 'blocked', reason };

  const text = (candidate.content?.parts ?? [])
    .filter((part) => part.thought !== true)
    .map((part) => part.text ?? '')
    .join('');
  if (reason === 'MAX_TOKENS') return text === '' ? { kind: 'empty' } : { kind: 'cut-off', text };
  if (reason !== 'STOP') return { kind: 'odd-finish', reason };
  return text === '' ? { kind: 'empty' } : { kind: 'answer', text };
}

function readUsage(usage: NonNullable<ReplyBody['usageMetadata']>): TokenUsage {
  const image = usage.promptTokensDetails.find((detail) => detail.modality === 'IMAGE');
  return {
    prompt: usage.promptTokenCount,
    image: image?.tokenCount ?? 0,
    cached: usage.cachedContentTokenCount,
    thoughts: usage.thoughtsTokenCount,
    output: usage.candidatesTokenCount,
  };
}
