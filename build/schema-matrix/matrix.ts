import { z } from 'zod';
import { type CompiledSchema, compileJsonSchema, compileZod } from '../../shared/profiles/schema/compile.ts';
import { answerWith, JSON_ROWS } from './json-rows.ts';
import type { Row } from './row.ts';
import { ZOD_ROWS } from './zod-rows.ts';

/** A construct and what the compiler makes of it. */
export interface CompiledRow extends Row {
  compiled: CompiledSchema;
}

export const zodRows = (): CompiledRow[] =>
  ZOD_ROWS.map((row) => ({ ...row, compiled: compileZod(z.object({ a: row.schema as z.ZodType })) }));

export const jsonRows = (): CompiledRow[] =>
  JSON_ROWS.map((row) => ({ ...row, compiled: compileJsonSchema(answerWith(row.schema)) }));

const ABOUT = `# What an answer can look like

Written by \`npx node build/schema-matrix.ts\` from the compiler itself; a test holds it to be true.

A profile says the form of its answers in zod or in JSON Schema (2020-12). One compiler reads both, and makes what Gemini gets, what validates each reply, the columns of exports, and what Firestore stores. A construct is carried through all of these, or the profile is refused when it is loaded: no picture is paid for to find out.

*By the prompt* marks rules that the API does not hold: the model knows of them from the prompt or from the description of the field, and an answer that breaks one is sent back once. Values that only are spelled otherwise are read without another call: numbers and booleans as text, dates in other notations where no doubt is left (\`29.11.2026\`, not \`3/4/2026\`), a choice in capitals, a missing null. A result names such fields in \`model.respelled\`.
`;

/** docs/schemas.md. */
export const matrixDocument = (): string =>
  [
    ABOUT,
    '## zod 4\n',
    table(zodRows()),
    '## JSON Schema 2020-12\n',
    'Each row is the field `a` of an answer; `part` is defined under `$defs`.\n',
    table(jsonRows()),
  ].join('\n');

function table(rows: readonly CompiledRow[]): string {
  const carried = rows.filter(({ compiled }) => compiled.problems.length === 0);
  const refused = rows.filter(({ compiled }) => compiled.problems.length > 0);
  return [
    '| carried | rule held by | column |',
    '|---|---|---|',
    ...carried.map(
      ({ text, byPrompt, compiled }) =>
        `| ${code(text)} | ${byPrompt ? 'the prompt' : 'the API'} | ${compiled.fields[0]?.type ?? ''} |`,
    ),
    '',
    '| refused | why | instead |',
    '|---|---|---|',
    ...refused.map(({ text, compiled }) => {
      const [problem] = compiled.problems;
      return `| ${code(text)} | ${plain(problem?.reason)} | ${plain(problem?.instead)} |`;
    }),
    '',
  ].join('\n');
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

const plain = (text = ''): string => text.replaceAll('|', '\\|');
