/** How far into a file the root element is looked for: illustration programs write long comments and entity lists. */
const MAX_PROLOG_BYTES = 64 * 1024;

/** What may stand before the root element, apart from the document type: white space, declaration, comments. */
const IGNORABLE = /^(?:\s+|<\?.*?\?>|<!--.*?-->)/s;
const DOCTYPE = /^<!DOCTYPE\s[^[>]*(?:\[.*?\]\s*)?>/is;
const ROOT = /^<(?:[\w.-]+:)?svg[\s/>]/;

/** Whether the root element is `svg`: a page or a text that merely contains one is not a picture. */
export const looksLikeSvg = (bytes: Buffer): boolean => rootAt(prolog(bytes)) !== undefined;

/**
 * The document from its document type or root element on. The renderer recognizes an SVG only when it begins
 * within the first 1,000 bytes, which a license comment easily fills.
 */
export function withoutLeadingComments(bytes: Buffer): Buffer {
  const found = rootAt(prolog(bytes));
  return found === undefined ? bytes : bytes.subarray(found.contentAt);
}

// Latin-1 keeps one character per byte, so that offsets in the text are offsets in the file.
const prolog = (bytes: Buffer): string =>
  bytes.toString('latin1', 0, MAX_PROLOG_BYTES).replace(/^\xef\xbb\xbf/, '   ');

function rootAt(text: string): { contentAt: number } | undefined {
  let at = 0;
  let doctypeAt: number | undefined;
  while (at < text.length) {
    const rest = text.slice(at);
    if (ROOT.test(rest)) return { contentAt: doctypeAt ?? at };
    const skipped = IGNORABLE.exec(rest) ?? (doctypeAt === undefined ? DOCTYPE.exec(rest) : null);
    if (!skipped) return undefined;
    if (skipped[0].startsWith('<!D') || skipped[0].startsWith('<!d')) doctypeAt = at;
    at += skipped[0].length;
  }
  return undefined;
}
