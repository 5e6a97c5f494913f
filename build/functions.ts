import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDeployable } from './deployable.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every folder of functions/ that has an index.ts, in alphabetical order. */
export async function functionNames(): Promise<string[]> {
  const files = await readdir(join(root, 'functions'), { recursive: true });
  return files
    .filter((file) => /^[^/\\]+[/\\]index\.ts$/.test(file))
    .map((file) => file.slice(0, -'/index.ts'.length))
    .sort();
}

if (import.meta.main) {
  const asked = process.argv.slice(2);
  for (const name of asked.length > 0 ? asked : await functionNames()) {
    const { folder, bundleBytes } = await buildDeployable(name, join(root, 'dist'));
    console.log(`${folder}  ${(bundleBytes / 1_000_000).toFixed(1)} MB`);
  }
}
