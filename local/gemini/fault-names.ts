/** Refused with an HTTP error. */
const HTTP_FAULTS = [
  'quota429',
  'quotaDay429',
  'tokens429',
  'pool429',
  'spend429',
  'credit402',
  'unauthenticated401',
  'forbidden403',
  'invalid400',
  'notFound404',
  'timeout408',
  'tooLarge413',
  'server500',
  'server502',
  'server503',
  'server504',
] as const;

/** Answered with 200, and yet not what was asked for. */
const REPLY_FAULTS = [
  'blockedPrompt',
  'safety',
  'recitation',
  'prohibited',
  'spii',
  'blocklist',
  'imageSafety',
  'malformedResponse',
  'unknownFinish',
  'cutOff',
  'fenced',
  'malformed',
  'wrongShape',
  'empty',
  'noContent',
] as const;

/** The connection itself. */
const CONNECTION_FAULTS = ['hang', 'reset', 'resetMidBody', 'notJson'] as const;

export const FAULTS = [...HTTP_FAULTS, ...REPLY_FAULTS, ...CONNECTION_FAULTS] as const;

export type HttpFault = (typeof HTTP_FAULTS)[number];
export type ReplyFault = (typeof REPLY_FAULTS)[number];
export type Fault = (typeof FAULTS)[number];

export const isHttpFault = (fault: Fault): fault is HttpFault =>
  (HTTP_FAULTS as readonly Fault[]).includes(fault);
export const isReplyFault = (fault: Fault): fault is ReplyFault =>
  (REPLY_FAULTS as readonly Fault[]).includes(fault);
