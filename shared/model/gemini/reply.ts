import { z } from 'zod';
import type { Lane } from '../../prices/lanes.ts';
import type { TokenUsage } from '../../prices/price-list.ts';
import type { ModelReply, ModelRequest, ReplyEnd } from '../request.ts';

/**
 * Only what we read, each field for itself: replies come in odd shapes, and what is odd about one field must not cost
 * the others, which were paid for.
 */
const text = z.string().optional().catch(undefined);
const listOf = <T extends z.ZodType>(item: T) => z.array(item.optional().catch(undefined)).catch([]);

const part = z.object({ text, thought: z.boolean().optional().catch(undefined) });
const candidateBody = z.object({
  content: z
    .object({ parts: listOf(part) })
    .optional()
    .catch(undefined),
  finishReason: text,
});

/** Proto JSON writes a long integer as text. */
const count = z
  .union([
    z.number().min(0),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);

const usageBody = z.object({
  promptTokenCount: count,
  candidatesTokenCount: count,
  thoughtsTokenCount: count,
  cachedContentTokenCount: count,
  totalTokenCount: count,
  promptTokensDetails: listOf(z.object({ modality: text, tokenCount: count })),
  serviceTier: text,
  trafficType: text,
});

const replyBody = z.object({
  candidates: listOf(candidateBody),
  promptFeedback: z.object({ blockReason: text }).optional().catch(undefined),
  usageMetadata: usageBody.optional().catch(undefined),
  modelVersion: text,
});

type ReplyBody = z.infer<typeof replyBody>;
type Candidate = z.infer<typeof candidateBody>;

/** Rules of safety and policy: another model has the same. */
const BLOCKS = new Set([
  'SAFETY',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'JAILBREAK',
  'MODEL_ARMOR',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
]);

/** What one model does not say and another may (https://ai.google.dev/api/generate-content#FinishReason). */
const RECITATIONS = new Set(['RECITATION', 'IMAGE_RECITATION']);
const DECLINES = new Set(['OTHER', 'LANGUAGE', 'IMAGE_OTHER', 'NO_IMAGE', 'BLOCKED_REASON_UNSPECIFIED']);

/** What an enum says that says nothing. */
const UNSAID = new Set([undefined, '', 'FINISH_REASON_UNSPECIFIED']);

/** Reads a generateContent body ourselves: the SDK's `text()` hides cut-off answers and mixes thoughts into them. */
export function readReply(
  body: unknown,
  { model, lane }: Pick<ModelRequest, 'model' | 'lane'>,
  /** What a header said of it. */
  serviceTier?: string,
): ModelReply {
  const parsed = replyBody.safeParse(body);
  const reply: Partial<ReplyBody> = parsed.success ? parsed.data : {};
  const { usageMetadata } = reply;
  const served = servedLane(usageMetadata?.trafficType ?? usageMetadata?.serviceTier ?? serviceTier, lane);
  return {
    end: readEnd(reply),
    modelVersion: reply.modelVersion ?? model,
    usage: usageMetadata ? readUsage(usageMetadata) : null,
    ...(served === 'standard' ? {} : { lane: served }),
  };
}

/**
 * What `serviceTier` (`flex`) or `trafficType` (`ON_DEMAND_FLEX`) says; both sets are open. A reply that says nothing,
 * or `…_UNSPECIFIED`, is taken for the dearer lane of those that can have served it.
 */
function servedLane(said: string | undefined, asked: ModelRequest['lane'] = 'standard'): Lane {
  const word = said?.toLowerCase() ?? '';
  if (word === '' || word.includes('unspecified')) return asked === 'flex' ? 'standard' : asked;
  if (word.includes('flex')) return 'flex';
  return word.includes('priority') ? 'priority' : 'standard';
}

function readEnd({ candidates = [], promptFeedback }: Partial<ReplyBody>): ReplyEnd {
  const known = candidates.filter((candidate) => candidate !== undefined);
  // One that says something stands for those that are empty, in whatever order they come.
  const candidate = known.find((one) => textOf(one) !== '') ?? known[0];
  if (!candidate) {
    return promptFeedback ? refusal(promptFeedback.blockReason ?? 'UNSPECIFIED') : { kind: 'empty' };
  }
  const said = textOf(candidate);
  const { finishReason } = candidate;
  // Nothing says that it went wrong: the schema is the judge.
  if (UNSAID.has(finishReason) && said !== '') return { kind: 'answer', text: said };
  const reason = finishReason ?? 'UNSPECIFIED';
  if (isRefusal(reason)) return refusal(reason);
  if (reason === 'MAX_TOKENS') return { kind: 'cut-off', text: said };
  if (reason !== 'STOP') return { kind: 'odd-finish', reason };
  return said === '' ? { kind: 'empty' } : { kind: 'answer', text: said };
}

const isRefusal = (reason: string): boolean =>
  BLOCKS.has(reason) || RECITATIONS.has(reason) || DECLINES.has(reason);

function refusal(reason: string): ReplyEnd {
  if (RECITATIONS.has(reason)) return { kind: 'recitation', reason };
  return { kind: DECLINES.has(reason) ? 'declined' : 'blocked', reason };
}

const textOf = ({ content }: Candidate): string =>
  (content?.parts ?? [])
    .filter((one) => one?.thought !== true)
    .map((one) => one?.text ?? '')
    .join('')
    .toWellFormed();

function readUsage(usage: z.infer<typeof usageBody>): TokenUsage {
  const { candidatesTokenCount: output = 0, thoughtsTokenCount: thoughts = 0, totalTokenCount = 0 } = usage;
  const image = usage.promptTokensDetails.find((detail) => detail?.modality === 'IMAGE');
  return {
    // The total makes up for a count that cannot be read.
    prompt: usage.promptTokenCount ?? Math.max(0, totalTokenCount - output - thoughts),
    image: image?.tokenCount ?? 0,
    cached: usage.cachedContentTokenCount ?? 0,
    thoughts,
    output,
  };
}
