import type { MediaResolution } from './tokens.ts';

/** A request after its fields were checked: camelCase, upper-case enum values, numbers as numbers, no nulls. */
export interface Part {
  text?: string;
  inlineData?: { mimeType?: string; data?: string };
  fileData?: { mimeType?: string; fileUri?: string };
  mediaResolution?: { level?: MediaResolution };
  functionCall?: { id?: string; name?: string; args?: unknown };
  functionResponse?: { id?: string; name?: string; response?: unknown };
  thoughtSignature?: string;
}

export interface FunctionDeclaration {
  name?: string;
  description?: string;
  parameters?: Schema;
  parametersJsonSchema?: Schema;
}

interface Tool {
  functionDeclarations?: FunctionDeclaration[];
}

interface ToolConfig {
  functionCallingConfig?: { mode?: string; allowedFunctionNames?: string[] };
}

export interface Content {
  role?: string;
  parts?: Part[];
}

export interface GenerationConfig {
  stopSequences?: string[];
  responseMimeType?: string;
  responseSchema?: Schema;
  responseJsonSchema?: Schema | boolean;
  candidateCount?: number;
  maxOutputTokens?: number;
  thinkingConfig?: { includeThoughts?: boolean; thinkingBudget?: number; thinkingLevel?: string };
  mediaResolution?: MediaResolution;
}

export interface GenerateContentRequest {
  model?: string;
  contents?: Content[];
  systemInstruction?: Content;
  generationConfig?: GenerationConfig;
  tools?: Tool[];
  toolConfig?: ToolConfig;
  cachedContent?: string;
  serviceTier?: string;
  store?: boolean;
}

export interface CountTokensRequest {
  contents?: Content[];
  generateContentRequest?: GenerateContentRequest;
}

export interface CachedContentRequest {
  displayName?: string;
  model?: string;
  contents?: Content[];
  systemInstruction?: Content;
  tools?: Tool[];
  toolConfig?: ToolConfig;
  ttl?: string;
  expireTime?: string;
}

/**
 * The part of JSON Schema and of the OpenAPI subset that an answer is built from. `type` is lower case in JSON Schema
 * and upper case in OpenAPI; `$ref` points into `$defs`.
 */
export interface Schema {
  type?: string | string[];
  format?: string;
  title?: string;
  description?: string;
  nullable?: boolean;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  propertyOrdering?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}
