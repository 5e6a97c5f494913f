import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type OutputFile } from 'esbuild';
import { companionsIn } from './companions.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Packages that stay outside the bundle: native binaries, and WebAssembly that is found beside its JavaScript.
 * They are installed on the platform, by the lock file that goes with the bundle.
 */
const EXTERNAL = ['sharp', '@node-rs/crc32', 'libheif-js', 'zxing-wasm'];

/** Bundled dependencies are CommonJS here and there; they find `require` and their folder by these names. */
const BANNER = [
  "import { createRequire as createRequire_ } from 'node:module';",
  'const require = createRequire_(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/**
 * The framework keeps its functions in a registry of its own, and the bundle carries one: `serve` starts the server of
 * that one. Anyone who starts the installed framework instead (its command line) finds the function by its exported name.
 * The server comes first, so that it is compiled too where the function refuses to start (see start.mjs).
 */
const entry = (name: string): string => `
  import './node_modules/@google-cloud/functions-framework/build/src/server.js';
  import './functions/${name}/index.ts';
  import { getRegisteredFunction } from './node_modules/@google-cloud/functions-framework/build/src/function_registry.js';

  const registered = getRegisteredFunction('${name}');
  if (!registered) throw new Error('functions/${name}/index.ts registers no function named ${name}.');
  const handler = registered.userFunction;
  export { handler as '${name}' };

  export function serve() {
    process.env.FUNCTION_TARGET ??= '${name}';
    require('./node_modules/@google-cloud/functions-framework/build/src/main.js');
  }
`;

const OPTIONS = {
  write: false,
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  external: EXTERNAL.flatMap((one) => [one, `${one}/*`]),
  banner: { js: BANNER },
  // Not minified: large minified bundles start more slowly, and a stack trace stays readable without its map.
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

interface Bundled {
  /** Packages that it needs installed. */
  packages: string[];
  /** Its sources, from the project's root. */
  sources: string[];
}

/**
 * Writes `index.mjs`, the modules that the function runs in threads or processes of their own, and their source maps
 * into `folder`.
 */
export async function bundle(name: string, folder: string): Promise<Bundled> {
  const outputs = [
    await bundleOne(`dist/${name}/index.mjs`, {
      stdin: { contents: entry(name), resolveDir: root, sourcefile: `${name}.js` },
    }),
  ];
  for (const companion of await companionsIn(join(root, 'functions', name))) {
    outputs.push(await bundleOne(`dist/${name}/${companion.name}.js`, { entryPoints: [companion.source] }));
  }
  const files = outputs.flatMap(({ outputFiles }) => outputFiles);
  await Promise.all(files.map(({ path, contents }) => writeFile(join(folder, basename(path)), contents)));
  return {
    packages: [...new Set(outputs.flatMap(({ metafile }) => externalPackages(metafile)))].sort(),
    sources: outputs.flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  };
}

/** Paths in a source map are relative to `outfile`, wherever the files are written. */
const bundleOne = (
  outfile: string,
  from: Pick<BuildOptions, 'stdin' | 'entryPoints'>,
): Promise<{ outputFiles: OutputFile[]; metafile: Metafile }> => build({ ...OPTIONS, ...from, outfile });

function externalPackages({ outputs }: Metafile): string[] {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const names = imports
    .filter(
      ({ external, path }) =>
        external === true && EXTERNAL.some((one) => path === one || path.startsWith(`${one}/`)),
    )
    .map(({ path }) => EXTERNAL.find((one) => path === one || path.startsWith(`${one}/`)) ?? path);
  return [...new Set(names)].sort();
}
