import type { GenerateContentReply, ReplyPart } from './replies.ts';
import type { Sent } from './send.ts';

/** About what the model sends at a time. */
const CHUNK_CHARACTERS = 80;

/**
 * The same answer as `streamGenerateContent` sends it: pieces of text one after another, the last with the reason why
 * it ended. Each says what was used so far; `alt=sse` makes events of them, else they are one JSON array.
 */
export function streamed(sent: Sent, sse: boolean): Sent {
  if (sent.kind !== 'reply' || sent.status !== 200 || typeof sent.body === 'string') return sent;
  const chunks = chunksOf(sent.body as GenerateContentReply);
  if (!sse) return { ...sent, body: chunks };
  return { ...sent, kind: 'events', events: chunks };
}

function chunksOf(reply: GenerateContentReply): GenerateContentReply[] {
  const [candidate] = reply.candidates ?? [];
  if (candidate === undefined) return [reply];
  const pieces = (candidate.content?.parts ?? []).flatMap(piecesOf);
  if (pieces.length < 2) return [reply];
  const { finishReason, finishMessage, safetyRatings, ...open } = candidate;
  return pieces.map((part, index) => {
    const last = index === pieces.length - 1;
    const content = { parts: [part], role: 'model' as const };
    return { ...reply, candidates: [{ ...(last ? candidate : open), content } as typeof candidate] };
  });
}

function piecesOf(part: ReplyPart): ReplyPart[] {
  const { text } = part;
  if (text === undefined || text.length <= CHUNK_CHARACTERS) return [part];
  // Never between the halves of a character.
  const pieces = text.match(new RegExp(`[^]{1,${CHUNK_CHARACTERS}}`, 'gu')) ?? [text];
  return pieces.map((piece) => ({ ...part, text: piece }));
}
