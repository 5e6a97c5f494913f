import type { z } from 'zod';
import type { ProblemCode } from '../problem-codes.ts';

/** What a body or an answer is made of: JSON of that shape, or bytes of that content type. */
export type Content = z.ZodType | readonly string[];

export interface RouteAnswer {
  meaning: string;
  content?: Content;
  headers?: Readonly<Record<string, string>>;
}

/** One operation of the API: what is served, documented, checked by tests and offered by the client. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  /** With `{id}` for what varies. */
  path: string;
  summary: string;
  /** More, in Markdown. */
  about?: string;
  inPath?: z.ZodObject;
  inQuery?: z.ZodObject;
  inHeaders?: z.ZodObject;
  body?: { meaning: string; required: boolean; content: Content };
  answers: Readonly<Record<number, RouteAnswer>>;
  problems: readonly ProblemCode[];
}

/** What any operation may answer. */
export const PROBLEMS_OF_ALL: readonly ProblemCode[] = [
  'UNAUTHENTICATED',
  'URI_TOO_LONG',
  'FOREIGN_HOST',
  'RATE_LIMITED',
];

/** What any operation that changes something may answer. */
export const PROBLEMS_OF_CHANGES: readonly ProblemCode[] = ['FOREIGN_ORIGIN'];

/** Every operation on pictures that are there has a scope: whose they may be. */
export const SCOPED = ['INVALID_REQUEST', 'FOREIGN_UPLOADER'] as const;

/** What an operation with a body of JSON may answer. */
export const JSON_BODY = [
  'INVALID_REQUEST',
  'UPLOAD_STALLED',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
] as const;
