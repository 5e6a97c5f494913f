import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { functionNames } from '../../build/functions.ts';
import { asText, CODE_JSON, codeData, indexesFor } from '../../build/terraform-data.ts';
import { submitSettings } from '../../shared/results/api/requests.ts';
import { environmentOfTerraform, GIVEN_VARIABLES, PLATFORM_VARIABLES } from './environment.ts';
import { CONSTANT, LEFT_OUT, UNCOUNTED_EVENTS } from './exceptions.ts';
import { countedEvents, writtenEvents } from './log-events.ts';
import { optionsOf } from './options.ts';

const MODULES = join('terraform', 'modules');

const read = (file: string) => readFileSync(join(MODULES, 'pipeline', file), 'utf8');

const moduleFiles = readdirSync(MODULES, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.tf') && !file.includes('.terraform'),
);

const readModule = (file: string) => readFileSync(join(MODULES, file), 'utf8');

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

  it('sets everything that the function knows, or says why not', () => {
    const left = Object.keys(variables).filter(
      (variable) => !set.has(variable) && !GIVEN_VARIABLES.includes(variable),
    );
    expect(left.filter((variable) => !(variable in LEFT_OUT))).toEqual([]);
  });
});

it('lets browsers send every setting with a signed upload', () => {
  const [, listed = ''] = /upload_settings = \[(.*)\]/.exec(read('storage.tf')) ?? [];
  const inMetadata = (setting: string) => setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  expect(JSON.parse(`[${listed}]`)).toEqual(Object.keys(submitSettings.shape).map(inMetadata));
});

it('leaves out of Terraform only what a function knows and no function is given', async () => {
  const known = await Promise.all(names.map(async (name) => Object.keys((await optionsOf(name)).variables)));
  const given = [...environmentOfTerraform().values()].flatMap((set) => [...set]);
  const idle = Object.keys(LEFT_OUT).filter(
    (variable) => !known.flat().includes(variable) || given.includes(variable),
  );
  expect(idle).toEqual([]);
});

it('sets no variable to the same value in every deployment without saying why', () => {
  const constant = [...read('environment.tf').matchAll(/^ +([A-Z][A-Z0-9_]*) += "([^"$]*)"$/gm)].map(
    ([, variable = '']) => variable,
  );
  expect(
    constant.filter((variable) => !(variable in CONSTANT) && !PLATFORM_VARIABLES.includes(variable)),
  ).toEqual([]);
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
    const counted = countedEvents();
    expect(counted.length).toBeGreaterThan(10);
    expect(counted.filter((event) => !writtenEvents().has(event))).toEqual([]);
  });

  it('counts every warning and error of the functions, or says why not', () => {
    const counted = countedEvents();
    const troubles = [...writtenEvents()].flatMap(([event, level]) => (level === 'info' ? [] : [event]));
    expect(troubles.length).toBeGreaterThan(20);
    expect(troubles.filter((event) => !counted.includes(event)).sort()).toEqual(
      Object.keys(UNCOUNTED_EVENTS).sort(),
    );
  });

  it('watches each of its metrics, by an alert or on the dashboard', () => {
    const watching = read('alerts.tf') + read('dashboard.tf');
    const names = [...read('metrics.tf').matchAll(/^ {4}([a-z_]+) += \{ events? = /gm)].map(
      ([, name = '']) => name,
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(watching))).toEqual([]);
  });

  it.each(['plan.yml', 'deploy.yml'])('gets every secret that it asks for from %s', (workflow) => {
    const secrets = moduleFiles.flatMap((file) =>
      [...readModule(file).matchAll(/^variable "(\w+)" \{(?:(?!^\})[\s\S])*?ephemeral += true/gm)].map(
        ([, name = '']) => name,
      ),
    );
    const given = readFileSync(join('.github', 'workflows', workflow), 'utf8');
    expect(secrets).toContain('gemini_api_key');
    expect(secrets.filter((name) => !given.includes(`TF_VAR_${name}`))).toEqual([]);
  });

  it('sends a quota project to the APIs that demand one of a person', () => {
    const demanding = moduleFiles.flatMap((file) =>
      [
        ...readModule(file).matchAll(
          /^resource "(google_(?:billing|firebaserules)_\w+)" "\w+" \{([\s\S]*?)^\}/gm,
        ),
      ].map(([, type = '', body = '']) => ({ type, body })),
    );
    expect(demanding.length).toBeGreaterThan(2);
    const without = demanding.filter(({ body }) => !/provider += google\.with_quota_project/.test(body));
    expect(without.map(({ type }) => type)).toEqual([]);
  });

  it.each(['timestamp(', 'uuid(', 'plantimestamp('])(
    'never calls %s): it would deploy anew each time',
    (call) => {
      expect(moduleFiles.filter((file) => readModule(file).includes(call))).toEqual([]);
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
