import { z } from 'zod';
import type { Profile } from '../../../shared/profiles/define.ts';
import { profileNames } from '../../../shared/profiles/index.ts';
import { PROBLEMS, type ProblemCode } from '../../../shared/results/api/problem-codes.ts';
import { problem } from '../../../shared/results/api/problems.ts';
import {
  type Content,
  PROBLEMS_OF_ALL,
  PROBLEMS_OF_CHANGES,
  type Route,
  type RouteAnswer,
} from '../../../shared/results/api/routes/route.ts';
import { OPERATIONS } from '../../../shared/results/api/routes.ts';
import { webhookAddressSchema } from '../../../shared/results/api/webhook-address.ts';
import { type JsonSchema, Schemas } from './schemas.ts';

/** Whose pictures a caller sees, in a paragraph for people. */
export const WHOSE =
  'Who signed in is the uploader. A caller sees and touches what it uploaded, and nothing else: lists, results, pictures, ' +
  'events, figures and dead letters, what it judges, replays and deletes; of anything else the answer is `NOT_FOUND`. ' +
  'Operators (`API_OPERATORS`) see everything, and `API_VISIBILITY=team` lets everybody. Delegates (`DELEGATES`), services ' +
  'with users of their own, name an `uploader` in any request and act for that one. Profiles are changed by operators only. Where nobody signs in, on a machine ' +
  'of your own, the one user is an operator.';

const ABOUT =
  'Pictures in, checked structured answers out. Every error is `application/problem+json` ([RFC 9457]' +
  '(https://www.rfc-editor.org/rfc/rfc9457)) with a `code` for programs, a `detail` and a `hint` for people.\n\n' +
  WHOSE;

/** Codes that an operation may answer. */
export const problemsOf = ({ method, problems }: Route): ProblemCode[] => [
  ...new Set([...problems, ...PROBLEMS_OF_ALL, ...(method === 'get' ? [] : PROBLEMS_OF_CHANGES)]),
];

export interface DocumentOptions {
  /** Where the API is, e.g. `http://127.0.0.1:8080`. */
  origin: string;
  /** Callers sign in, and only some may act for others. */
  inCloud: boolean;
  /** Whether webhooks may lead to this machine. */
  loopback: boolean;
  /** Of one picture. */
  maxBytes: number;
  /** Whose answers the document describes; absent: answers of any profile. */
  profile?: Pick<Profile, 'name' | 'schema'>;
}

/** Answered only where callers sign in. */
const PROBLEMS_OF_SIGN_IN: readonly ProblemCode[] = ['UNAUTHENTICATED', 'FOREIGN_UPLOADER'];

/** The API as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1). */
export function openApiDocument(options: DocumentOptions): JsonSchema {
  const { origin, inCloud, loopback, maxBytes, profile } = options;
  const schemas = new Schemas();
  schemas.of(problem, 'output');
  const answerable = (code: ProblemCode): boolean => inCloud || !PROBLEMS_OF_SIGN_IN.includes(code);
  const paths: Record<string, JsonSchema> = {};
  for (const [operationId, route] of OPERATIONS) {
    const described = operation(operationId, route, schemas, answerable);
    if (profile && operationId === 'listResults') listOnly(profile.name, described);
    paths[route.path] = { ...paths[route.path], [route.method]: described };
  }
  limitBytes(schemas.collected['UploadRequest'], maxBytes);
  const profileName = { type: 'string', enum: profileNames() };
  const components = {
    ...schemas.collected,
    ProfileName: profileName,
    WebhookAddress: webhookAddressSchema(loopback),
    SubmitForm: SUBMIT_FORM,
  };
  const shared = {
    openapi: '3.1.1',
    info: { title: 'gemini-image-pipeline', version: '1', description: ABOUT },
    servers: [{ url: origin }],
    paths,
  };
  if (!inCloud) return { ...shared, security: [], components: { schemas: answersOf(components, profile) } };
  return {
    ...shared,
    security: [{ idToken: [] }],
    components: {
      schemas: answersOf(components, profile),
      securitySchemes: {
        idToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            "An ID token of Google for this service's address, from an invoker that Terraform lists.",
        },
      },
    },
  };
}

/** What is asked for may not be more than this deployment takes. */
function limitBytes(uploadRequest: JsonSchema | undefined, maximum: number): void {
  const { bytes } = (uploadRequest?.['properties'] ?? {}) as { bytes?: JsonSchema };
  if (bytes) Object.assign(bytes, { maximum });
}

/** A list over all profiles would hold answers that the document does not describe. */
function listOnly(name: string, { parameters }: JsonSchema): void {
  const parameter = (parameters as JsonSchema[]).find((one) => one['name'] === 'profile');
  if (parameter) Object.assign(parameter, { required: true, schema: { type: 'string', enum: [name] } });
}

/** With the profile's own schema in the place of any answer. */
function answersOf(components: Record<string, JsonSchema>, profile: DocumentOptions['profile']) {
  if (profile === undefined) return components;
  const { $schema: _, ...answer } = z.toJSONSchema(profile.schema) as JsonSchema;
  const description = `What the profile ${profile.name} answers.`;
  return { ...components, Answer: { description, ...answer } };
}

function operation(
  operationId: string,
  route: Route,
  schemas: Schemas,
  answerable: (code: ProblemCode) => boolean,
): JsonSchema {
  const { summary, about, body } = route;
  return {
    operationId,
    summary,
    ...(about === undefined ? {} : { description: about }),
    parameters: [
      ...parameters('path', route.inPath, schemas),
      ...parameters('query', route.inQuery, schemas),
      ...parameters('header', route.inHeaders, schemas),
    ],
    ...(body
      ? {
          requestBody: {
            description: body.meaning,
            required: body.required,
            content: contentOf(body.content, schemas, 'input'),
          },
        }
      : {}),
    responses: {
      ...answers(route, schemas),
      ...problemAnswers(problemsOf(route).filter(answerable)),
      default: otherProblem(),
    },
  };
}

function parameters(place: string, shape: z.ZodObject | undefined, schemas: Schemas): JsonSchema[] {
  if (!shape) return [];
  const { properties = {}, required = [] } = schemas.of(shape, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

const answers = ({ answers: documented }: Route, schemas: Schemas): JsonSchema =>
  Object.fromEntries(
    Object.entries<RouteAnswer>(documented).map(([status, { meaning, content, headers = {} }]) => [
      status,
      {
        description: meaning,
        ...(Object.keys(headers).length > 0 ? { headers: headersOf(headers) } : {}),
        ...(content ? { content: contentOf(content, schemas, 'output') } : {}),
      },
    ]),
  );

const headersOf = (headers: Readonly<Record<string, string>>): JsonSchema =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

function contentOf(content: Content, schemas: Schemas, io: 'input' | 'output'): JsonSchema {
  if (!isTypes(content)) return { 'application/json': { schema: schemas.of(content, io) } };
  return Object.fromEntries(content.map((type) => [type, { schema: BODIES[type] ?? BYTES }]));
}

const isTypes = (content: Content): content is readonly string[] => Array.isArray(content);

/** Generators know bytes by this form of OpenAPI 3.0; in 3.1 it is allowed and means nothing else. */
const BYTES = { type: 'string', format: 'binary' };
const BODIES: Readonly<Record<string, JsonSchema>> = {
  'multipart/form-data': { $ref: '#/components/schemas/SubmitForm' },
  'text/event-stream': { type: 'string' },
};

/**
 * The settings are documented as parameters only: as fields of the form they would have to come before the files, and
 * generated clients send what is required first.
 */
const SUBMIT_FORM = {
  type: 'object',
  properties: { file: { type: 'array', minItems: 1, items: BYTES, description: 'the pictures' } },
  required: ['file'],
  additionalProperties: false,
};

const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** One answer per status, which names the codes that it may have. */
function problemAnswers(problems: readonly ProblemCode[]): JsonSchema {
  const byStatus = Map.groupBy(problems, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
        content: PROBLEM_CONTENT,
        'x-codes': codes,
      },
    ]),
  );
}

const otherProblem = (): JsonSchema => ({
  description: `\`INTERNAL\`: ${PROBLEMS.INTERNAL.title}; the log of the function has it.`,
  content: PROBLEM_CONTENT,
});
