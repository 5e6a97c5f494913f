import type { ReaderFacts } from '../reader/facts.ts';
import { answer } from './answer.ts';
import { invalidArgument } from './errors.ts';
import type { Content, FunctionDeclaration, GenerateContentRequest, Part } from './request.ts';
import { checkJsonSchema, checkResponseSchema } from './schema-check.ts';
import { textOf } from './usage.ts';
import { viewOf } from './view.ts';

export interface FunctionCall {
  id: string;
  name: string;
  args: unknown;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;
const DOCS = 'https://ai.google.dev/gemini-api/docs/thought-signatures';

const declarationsOf = ({ tools = [] }: GenerateContentRequest): FunctionDeclaration[] =>
  tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations);

/** What the API refuses about functions and their turns. `signed`: the model wants its thought signatures back. @throws GeminiError 400 */
export function checkFunctions(request: GenerateContentRequest, signed: boolean): void {
  const declared = declarationsOf(request);
  for (const [index, declaration] of declared.entries()) checkDeclaration(declaration, index);
  const names = declared.map(({ name }) => name ?? '');
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw invalidArgument(`Duplicate function declaration found: ${repeated}`);
  checkMode(request, names);
  checkTurns(request.contents ?? []);
  if (signed) checkSignatures(request.contents ?? []);
}

function checkDeclaration(declaration: FunctionDeclaration, index: number): void {
  const path = `GenerateContentRequest.tools[0].function_declarations[${index}]`;
  const { name = '', parameters, parametersJsonSchema } = declaration;
  if (!NAME.test(name)) {
    throw invalidArgument(
      `* ${path}.name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric ` +
        '(a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n',
    );
  }
  if (parameters && parametersJsonSchema) {
    throw invalidArgument('Only one of parameters and parameters_json_schema can be set.');
  }
  if (parameters) checkResponseSchema(parameters, `${path}.parameters`);
  if (parametersJsonSchema) checkJsonSchema(parametersJsonSchema);
}

function checkMode({ toolConfig }: GenerateContentRequest, names: readonly string[]): void {
  const { mode = 'AUTO', allowedFunctionNames = [] } = toolConfig?.functionCallingConfig ?? {};
  if (mode === 'ANY' && names.length === 0) {
    throw invalidArgument('Function calling config is set without function_declarations.');
  }
  if (allowedFunctionNames.length === 0) return;
  if (mode !== 'ANY' && mode !== 'VALIDATED') {
    throw invalidArgument('Allowed function names should only be set when function calling mode is ANY.');
  }
  const unknown = allowedFunctionNames.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw invalidArgument(`Unknown function name in allowed_function_names: ${unknown}`);
}

const callsIn = ({ parts = [] }: Content): Part[] => parts.filter((part) => part.functionCall);
const responsesIn = ({ parts = [] }: Content): Part[] => parts.filter((part) => part.functionResponse);

/** Every call is answered in the very next turn. */
function checkTurns(contents: readonly Content[]): void {
  for (const [index, content] of contents.entries()) {
    const responses = responsesIn(content).length;
    const before = contents[index - 1];
    const calls = before ? callsIn(before).length : 0;
    if (responses === calls) continue;
    throw invalidArgument(
      responses > 0 && calls === 0
        ? 'Please ensure that function response turn comes immediately after a function call turn.'
        : 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    );
  }
}

/** Of the turn under way: the first call of each of the model's contents since the user last spoke. */
function checkSignatures(contents: readonly Content[]): void {
  const spoken = contents.findLastIndex(
    ({ role, parts = [] }) => role !== 'model' && parts.some((part) => part.text),
  );
  for (const [index, content] of contents.entries()) {
    const [first] = callsIn(content);
    if (index < spoken || first === undefined || first.thoughtSignature) continue;
    throw invalidArgument(
      'Function call is missing a thought_signature in functionCall parts. This is required for tools to work ' +
        'correctly, and missing thought_signature may lead to degraded model performance. Additional data, function ' +
        `call \`default_api:${first.functionCall?.name}\` , position ${index + 1}. Please refer to ${DOCS} for more details.`,
    );
  }
}

/** In mode ANY the model may answer with nothing but a call. */
export const mustCall = ({ toolConfig }: GenerateContentRequest): boolean =>
  toolConfig?.functionCallingConfig?.mode === 'ANY';

/** A call that fits a declaration: the function that the prompt speaks of most, its arguments from what was read. */
export function callFor(request: GenerateContentRequest, facts: ReaderFacts, id: string): FunctionCall {
  const allowed = request.toolConfig?.functionCallingConfig?.allowedFunctionNames ?? [];
  const open = declarationsOf(request).filter(
    ({ name = '' }) => allowed.length === 0 || allowed.includes(name),
  );
  const prompt = textOf(request.contents);
  const words = new Set(wordsOf(prompt));
  const mentions = ({ name = '', description = '' }: FunctionDeclaration): number =>
    wordsOf(`${name} ${description}`).filter((word) => words.has(word)).length;
  const [chosen = {}] = open.toSorted((a, b) => mentions(b) - mentions(a));
  const schema = chosen.parameters ?? chosen.parametersJsonSchema;
  // Without a picture the prompt is all there is to read.
  const read = facts.width === 0 && facts.text === '' ? { ...facts, text: prompt } : facts;
  return { id, name: chosen.name ?? '', args: schema ? answer(schema, viewOf(read)) : {} };
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];
