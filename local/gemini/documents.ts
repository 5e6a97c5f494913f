import { inflateSync } from 'node:zlib';
import { bareInvalidArgument, invalidArgument } from './errors.ts';
import type { ModelFacts } from './models.ts';
import { type MediaResolution, pageTokens } from './tokens.ts';

/** A PDF of the request. Its pages are counted; nothing here reads them. */
export interface RequestDocument {
  pages: number;
  resolution: MediaResolution;
}

export const PDF_TYPE = 'application/pdf';
/** https://ai.google.dev/gemini-api/docs/document-processing */
const MAX_BYTES = 50 * 1024 * 1024;
const MAX_PAGES = 1_000;

/** @throws GeminiError 400 for what is no PDF, locked, without pages or too large, as the API answers it */
export function readDocument(bytes: Buffer, resolution: MediaResolution): RequestDocument {
  if (bytes.length > MAX_BYTES) throw invalidArgument('The document exceeds the maximum size of 50 MB.');
  if (!bytes.subarray(0, 1024).includes('%PDF-')) throw bareInvalidArgument();
  const text = textOf(bytes);
  if (/\/Encrypt\s+\d+\s+\d+\s+R/.test(text)) throw bareInvalidArgument();
  const pages = countPages(text);
  if (pages === 0) throw invalidArgument('The document has no pages.');
  if (pages > MAX_PAGES)
    throw invalidArgument(`The document contains ${pages} pages which exceeds the limit of ${MAX_PAGES}.`);
  return { pages, resolution };
}

export const documentTokens = ({ pages, resolution }: RequestDocument, model: ModelFacts): number =>
  pages * pageTokens(resolution, model);

/** The root of the page tree counts all pages; a file cut short has no root, but may have pages. */
function countPages(text: string): number {
  const trees = [...text.matchAll(/\/Type\s*\/Pages\b/g)].map(({ index }) => dictionaryAround(text, index));
  const counts = trees.map((tree) => Number(/\/Count\s+(\d+)/.exec(tree)?.[1] ?? 0));
  return Math.max(0, ...counts) || (text.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0);
}

function dictionaryAround(text: string, index: number): string {
  const start = text.lastIndexOf('obj', index);
  const end = text.indexOf('endobj', index);
  // Objects in a stream have no `obj` around them: the dictionary's own brackets must do.
  if (end >= 0 && start >= 0 && end - start < 4_000_000 && !text.slice(start, index).includes('endobj'))
    return text.slice(start, end);
  return text.slice(text.lastIndexOf('<<', index), text.indexOf('>>', index));
}

/** The file as text, with the objects that PDF 1.5 keeps in compressed streams behind it. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const packed: string[] = [];
  for (const match of text.matchAll(/\/Type\s*\/ObjStm\b/g)) {
    const start = /stream\r?\n/g;
    start.lastIndex = match.index;
    const opening = start.exec(text);
    if (opening === null) continue;
    const from = opening.index + opening[0].length;
    const end = text.indexOf('endstream', from);
    packed.push(inflated(bytes.subarray(from, end < 0 ? undefined : end)));
  }
  return [text, ...packed].join('\n');
}

function inflated(bytes: Buffer): string {
  try {
    return inflateSync(bytes, { maxOutputLength: 64 * 1024 * 1024 }).toString('latin1');
  } catch {
    return '';
  }
}
