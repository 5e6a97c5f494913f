import { invalidArgument, modelNotFound } from './errors.ts';
import { checkFunctions } from './functions.ts';
import type { ModelFacts, ModelTable, ThinkingLevel } from './models.ts';
import type { Content, GenerateContentRequest, GenerationConfig } from './request.ts';
import { checkJsonSchema, checkResponseSchema } from './schema-check.ts';

const JSON_TYPE = 'application/json';
const RESPONSE_TYPES: readonly string[] = [JSON_TYPE, 'text/plain', 'text/x.enum'];

/** @throws GeminiError 404 in Google's words. */
export function findModel(models: ModelTable, name: string, version: string, method: string): ModelFacts {
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  if (!model) throw modelNotFound(name, version, method);
  return model;
}

/** What the API refuses before any model runs: shape, limits, what the model cannot do. @throws GeminiError 400 */
export function checkRequest(request: GenerateContentRequest, model: ModelFacts): void {
  checkContents(request.contents);
  const config = request.generationConfig ?? {};
  checkOutput(config, model);
  checkThinking(config, model);
  checkSchemas(config);
  // Only Gemini 3 and later sign their thoughts.
  checkFunctions(request, model.thinkingLevels.length > 0);
  if (config.mediaResolution === 'MEDIA_RESOLUTION_ULTRA_HIGH') {
    throw invalidArgument('MEDIA_RESOLUTION_ULTRA_HIGH is only supported for per-part media resolution.');
  }
}

export function checkContents(contents: Content[] | undefined): void {
  if (!contents || contents.length === 0) {
    throw invalidArgument('* GenerateContentRequest.contents: contents is not specified\n');
  }
  for (const [index, content] of contents.entries()) {
    if (content.role !== undefined && !['user', 'model', 'function'].includes(content.role)) {
      throw invalidArgument('Please use a valid role: user, model.');
    }
    checkParts(content, index);
  }
}

function checkParts(content: Content, index: number): void {
  const path = `GenerateContentRequest.contents[${index}].parts`;
  if (!content.parts?.length) throw invalidArgument(`* ${path}: contents.parts must not be empty.\n`);
  for (const [p, part] of content.parts.entries()) {
    const data = Object.keys(part).filter((key) => key !== 'mediaResolution');
    if (data.length === 0) {
      throw invalidArgument(
        `* ${path}[${p}].data: required oneof field 'data' must have one initialized field\n`,
      );
    }
  }
}

function checkOutput(config: GenerationConfig, model: ModelFacts): void {
  const { maxOutputTokens, candidateCount, responseMimeType } = config;
  if (maxOutputTokens !== undefined && (maxOutputTokens < 1 || maxOutputTokens > model.outputTokenLimit)) {
    throw invalidArgument(
      `Unable to submit request because it has a maxOutputTokens value of ${maxOutputTokens} but the supported range ` +
        `is from 1 (inclusive) to ${model.outputTokenLimit + 1} (exclusive). Update the value and try again.`,
    );
  }
  if (candidateCount !== undefined && candidateCount !== 1) {
    throw invalidArgument('Multiple candidates is not enabled for this model');
  }
  if (responseMimeType !== undefined && !RESPONSE_TYPES.includes(responseMimeType)) {
    throw invalidArgument(
      '* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, ' +
        '`application/json`, `application/xml`, `application/yaml` and `text/x.enum`.\n',
    );
  }
}

function checkThinking(config: GenerationConfig, model: ModelFacts): void {
  const level = config.thinkingConfig?.thinkingLevel;
  if (level === undefined || level === 'THINKING_LEVEL_UNSPECIFIED') return;
  if (config.thinkingConfig?.thinkingBudget !== undefined) {
    throw invalidArgument('You can only set only one of thinking budget and thinking level.');
  }
  if (!model.thinkingLevels.includes(level.toLowerCase() as ThinkingLevel)) {
    throw invalidArgument(
      `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`,
    );
  }
}

function checkSchemas({ responseSchema, responseJsonSchema, responseMimeType }: GenerationConfig): void {
  if (responseSchema === undefined && responseJsonSchema === undefined) return;
  if (responseSchema !== undefined && responseJsonSchema !== undefined) {
    throw invalidArgument('Only one of response_schema and response_json_schema can be set.');
  }
  if (responseMimeType !== JSON_TYPE && responseMimeType !== 'text/x.enum') {
    throw invalidArgument(
      '* GenerateContentRequest.generation_config.response_mime_type: response_schema is only supported with JSON mode.\n',
    );
  }
  if (responseSchema) checkResponseSchema(responseSchema);
  if (responseJsonSchema !== undefined) checkJsonSchema(responseJsonSchema);
}
