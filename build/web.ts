import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';
import { LICENSES_FILE, thirdPartyLicenses } from './licenses.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'web');

/** Text smaller than this gains nothing. */
const MIN_COMPRESSED_BYTES = 500;

interface WebBuild {
  /** File name and its bytes, plain and as gzip. */
  files: { name: string; bytes: number; gzipBytes: number }[];
}

/** Builds the page into `outDir`: hashed names, each file also compressed, so that the server never compresses. */
export async function buildWeb(outDir: string): Promise<WebBuild> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const { metafile } = await build({
    entryPoints: [join(source, 'main.tsx')],
    outdir: outDir,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    sourcemap: false,
    legalComments: 'none',
    banner: { js: `/* Licenses of what is in here: /${LICENSES_FILE} */` },
    metafile: true,
    logLevel: 'error',
    absWorkingDir: root,
  });
  await writeFile(join(outDir, LICENSES_FILE), await thirdPartyLicenses(Object.keys(metafile.inputs)));
  await writeHashed(outDir, 'icon.svg', await readFile(join(source, 'icon.svg')));
  const page = await readFile(join(source, 'index.html'), 'utf8');
  await writeFile(join(outDir, 'index.html'), linked(page, await readdir(outDir)));

  const files = await Promise.all((await readdir(outDir)).sort().map((name) => compress(outDir, name)));
  return { files };
}

async function writeHashed(outDir: string, name: string, content: Buffer): Promise<void> {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase();
  const extension = extname(name);
  await writeFile(join(outDir, `${basename(name, extension)}-${hash}${extension}`), content);
}

/** Puts the hashed names where the page says `%main.js%`. */
function linked(page: string, names: readonly string[]): string {
  return page.replace(/%(\w+)(\.\w+)%/g, (_mark, stem: string, extension: string) => {
    const name = names.find((candidate) => candidate.startsWith(`${stem}-`) && candidate.endsWith(extension));
    if (name === undefined) throw new Error(`index.html names ${stem}${extension}, which was not built.`);
    return name;
  });
}

async function compress(outDir: string, name: string): Promise<WebBuild['files'][number]> {
  const content = await readFile(join(outDir, name));
  const asGzip = await promisify(gzip)(content, { level: 9 });
  if (content.length >= MIN_COMPRESSED_BYTES) {
    const asBrotli = await promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    });
    await writeFile(join(outDir, `${name}.gz`), asGzip);
    await writeFile(join(outDir, `${name}.br`), asBrotli);
  }
  return { name, bytes: content.length, gzipBytes: asGzip.length };
}

if (import.meta.main) {
  const outDir = join(root, 'dist', 'web');
  const started = Date.now();
  const { files } = await buildWeb(outDir);
  for (const { name, bytes, gzipBytes } of files) console.log(`${name}  ${bytes} bytes, ${gzipBytes} gzip`);
  console.log(`${outDir} in ${Date.now() - started} ms`);
}
