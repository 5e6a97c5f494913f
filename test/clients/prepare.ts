import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { go } from './toolchains/go.ts';
import { java, openapiGenerator } from './toolchains/java.ts';
import { pythonClients, pythonGenerators } from './toolchains/python.ts';
import { curl, typescript } from './toolchains/scripts.ts';
import type { Toolchain } from './toolchains/toolchain.ts';

export interface Toolchains {
  python: Toolchain;
  go: Toolchain;
  java: Toolchain;
  typescript: Toolchain;
  curl: Toolchain;
  pythonGenerators: Toolchain;
  openapiGenerator: Toolchain;
}

declare module 'vitest' {
  interface ProvidedContext {
    toolchains: Toolchains;
  }
}

/** What is not fetched and compiled by then is left out, so that a slow network ends no run. Cold, it takes half of it. */
const WITHIN_MS = 5 * 60_000;

/** Fetches and compiles before the first test, so that no test's time is spent on it. */
export default async function prepare(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'clients-'));
  const workshop = { folder, deadline: Date.now() + WITHIN_MS };
  // Neither two of pip nor two of Maven at a time: they would download the same files twice.
  const [inPython, inJava, inGo, inTypeScript, inCurl] = await Promise.all([
    inTurn(
      () => pythonClients(workshop),
      () => pythonGenerators(workshop),
    ),
    inTurn(
      () => java(workshop),
      () => openapiGenerator(workshop),
    ),
    go(workshop),
    typescript(workshop),
    curl(workshop),
  ]);
  const [python, generators] = inPython;
  project.provide('toolchains', {
    python,
    go: inGo,
    java: inJava[0],
    typescript: inTypeScript,
    curl: inCurl,
    pythonGenerators: generators,
    openapiGenerator: inJava[1],
  });
  return () => rm(folder, { recursive: true, force: true });
}

const inTurn = async <A, B>(first: () => Promise<A>, second: () => Promise<B>): Promise<[A, B]> => [
  await first(),
  await second(),
];
