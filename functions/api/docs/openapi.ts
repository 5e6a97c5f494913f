import type { z } from 'zod';
import { PROBLEMS, type ProblemCode, problem } from '../../../shared/results/api/problems.ts';
import {
  type Content,
  OPERATIONS,
  PROBLEMS_OF_ALL,
  PROBLEMS_OF_CHANGES,
  type Route,
  type RouteAnswer,
} from '../../../shared/results/api/routes.ts';
import { type JsonSchema, Schemas } from './schemas.ts';

const ABOUT =
  'Pictures in, checked structured answers out. Every error is `application/problem+json` ([RFC 9457]' +
  '(https://www.rfc-editor.org/rfc/rfc9457)) with a `code` for programs, a `detail` and a `hint` for people.';

/** Codes that an operation may answer. */
export const problemsOf = ({ method, problems }: Route): ProblemCode[] => [
  ...new Set([...problems, ...PROBLEMS_OF_ALL, ...(method === 'get' ? [] : PROBLEMS_OF_CHANGES)]),
];

/** The API as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1). */
export function openApiDocument(): JsonSchema {
  const schemas = new Schemas();
  schemas.of(problem, 'output');
  const paths: Record<string, JsonSchema> = {};
  for (const [operationId, route] of OPERATIONS) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(operationId, route, schemas) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'gemini-image-pipeline', version: '1', description: ABOUT },
    servers: [{ url: '/' }],
    security: [{ idToken: [] }],
    paths,
    components: {
      schemas: schemas.collected,
      securitySchemes: {
        idToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            "An ID token of Google for this service's address, from an invoker that Terraform lists. Not asked for on the machine that runs `npm start`.",
        },
      },
    },
  };
}

function operation(operationId: string, route: Route, schemas: Schemas): JsonSchema {
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
    responses: { ...answers(route, schemas), ...problemAnswers(route), default: otherProblem() },
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
  return Object.fromEntries(
    content.map((type) => [type, type === 'multipart/form-data' ? { schema: FORM } : {}]),
  );
}

const isTypes = (content: Content): content is readonly string[] => Array.isArray(content);

const FORM = {
  type: 'object',
  properties: {
    profile: { type: 'string' },
    uploader: { type: 'string' },
    refresh: { type: 'boolean' },
    webhook: { type: 'string', format: 'uri' },
    file: { type: 'array', items: { type: 'string', format: 'binary' } },
  },
};

const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** One answer per status, which names the codes that it may have. */
function problemAnswers(route: Route): JsonSchema {
  const byStatus = Map.groupBy(problemsOf(route), (code) => PROBLEMS[code].status);
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
