import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { functionNames } from '../../build/functions.ts';
import { asText, CODE_JSON, codeData, indexesFor } from '../../build/terraform-data.ts';
import { environmentOfTerraform, GIVEN_VARIABLES, PLATFORM_VARIABLES } from './environment.ts';
import { optionsOf } from './options.ts';

const read = (file: string) => readFileSync(join('terraform', file), 'utf8');

const terraformFiles = readdirSync('terraform', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.tf') && !file.startsWith('.terraform'),
);

const names = await functionNames();

describe.each(names)('the environment of %s in Terraform', async (name) => {
  const { variables } = await optionsOf(name);
  const set = environmentOfTerraform().get(name) ?? new Set();

  it('sets nothing that the function does not know', () => {
    const unknown = [...set].filter(
      (variable) =>
        !(variable in variables) && !PLATFORM_VARIABLES.includes(variable) && !isOfOtherBackend(variable),
    );
    expect(unknown).toEqual([]);
  });

  it('sets everything that the function cannot do without', () => {
    const required = Object.entries(variables)
      .filter(([, shape]) => !z.safeParse(shape, undefined).success)
      .map(([variable]) => variable);
    expect(required.filter((variable) => !set.has(variable) && !GIVEN_VARIABLES.includes(variable))).toEqual(
      [],
    );
  });
});

/** Set for Vertex AI alone, which Terraform offers once the code does. */
const OF_VERTEX = ['GEMINI_BACKEND', 'GEMINI_LOCATION'];
const isOfOtherBackend = (variable: string): boolean =>
  OF_VERTEX.includes(variable) && !read('code.json').includes('"vertex"');

describe('Terraform', () => {
  it('deploys every function of the code', () => {
    const deployed = [...read('functions.tf').matchAll(/^ {4}"([a-z-]+)" = \{$/gm)].map(([, name]) => name);
    expect(deployed).toEqual(expect.arrayContaining(names));
    expect([...environmentOfTerraform().keys()].sort()).toEqual([...deployed].sort());
  });

  it('defines the composite indexes that the queries need, no more and no fewer', async () => {
    expect(readFileSync(CODE_JSON, 'utf8'), 'run npm run build:terraform').toBe(asText(await codeData()));
  });

  it('gives uploads, prepared pictures and sources a bucket each', () => {
    const [, list = ''] = /buckets = \{ for bucket in \[([^\]]*)\]/.exec(read('locals.tf')) ?? [];
    const buckets = list.split(',').map((bucket) => bucket.trim());
    expect(new Set(buckets)).toEqual(new Set(['"uploads"', '"prepared"', '"source"']));
    expect(buckets).toHaveLength(3);
  });

  it('counts log lines that the functions write', () => {
    const sources = ['functions', 'shared']
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
      )
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const events = [...read('metrics.tf').matchAll(/event = "([a-z.-]+)"/g)].map(([, event]) => event ?? '');
    const failures =
      /failure_events = \[(.*)\]/.exec(read('metrics.tf'))?.[1]?.replaceAll('"', '').split(', ') ?? [];
    expect(events.length + failures.length).toBeGreaterThan(4);
    expect([...events, ...failures].filter((event) => !sources.includes(`'${event}'`))).toEqual([]);
  });

  it.each(['timestamp(', 'uuid(', 'plantimestamp('])(
    'never calls %s): it would deploy anew each time',
    (call) => {
      expect(terraformFiles.filter((file) => read(file).includes(call))).toEqual([]);
    },
  );
});

describe('the index of a query', () => {
  const newest = [
    { field: 'createdAt', direction: 'desc' },
    { field: '__name__', direction: 'desc' },
  ] as const;

  it('is left to Firestore where one field decides', () => {
    expect(
      indexesFor([
        { collection: 'results', where: [], orderBy: newest },
        { collection: 'results', where: [{ field: 'status', op: '==' }], orderBy: [] },
      ]),
    ).toEqual([]);
  });

  it('begins with the fields that are equal and goes on in the order asked for', () => {
    const where = [
      { field: 'status', op: 'in' },
      { field: 'profile', op: '==' },
    ];
    expect(indexesFor([{ collection: 'results', where, orderBy: newest }])).toEqual([
      {
        collectionGroup: 'results',
        queryScope: 'COLLECTION',
        fields: [
          { fieldPath: 'profile', order: 'ASCENDING' },
          { fieldPath: 'status', order: 'ASCENDING' },
          { fieldPath: 'createdAt', order: 'DESCENDING' },
        ],
      },
    ]);
  });

  it('sorts by the field of a range first', () => {
    const where = [
      { field: 'status', op: '==' },
      { field: 'updatedAt', op: '<' },
    ];
    expect(indexesFor([{ collection: 'results', where, orderBy: [] }])[0]?.fields).toEqual([
      { fieldPath: 'status', order: 'ASCENDING' },
      { fieldPath: 'updatedAt', order: 'ASCENDING' },
    ]);
  });

  it('is defined once, however many queries need it', () => {
    const query = { collection: 'results', where: [{ field: 'profile', op: '==' }], orderBy: newest };
    expect(indexesFor([query, { ...query }])).toHaveLength(1);
  });
});
