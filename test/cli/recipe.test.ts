import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROFILES_FOLDER } from '../../shared/profiles/folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Away from the default ports, so that a person's own `npm start` is not disturbed. */
const PORT = 22_080 + Math.floor(Math.random() * 250) * 20;

let work: string;
/** Inside the project, so that npm finds it, as for a person who stands in a folder of pictures. */
let here: string;
let start: ChildProcess;
let said = '';

const environment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: work,
  PROFILES_FOLDER: join(work, 'profiles'),
  PIPELINE_DATA: join(work, 'data'),
});

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'recipe-'));
  here = join(root, '.cache', `recipe-${process.pid}`);
  await mkdir(here, { recursive: true });
  await cp(PROFILES_FOLDER, join(work, 'profiles'), { recursive: true });
  await writeFile(join(here, 'receipt.jpg'), await receipt());
});
afterAll(async () => {
  start?.kill('SIGTERM');
  if (start?.exitCode === null) await new Promise((resolve) => start.once('exit', resolve));
  await rm(here, { recursive: true, force: true });
  await rm(work, { recursive: true, force: true });
});

function receipt(): Promise<Buffer> {
  const lines = ['Shop: Corner Store', 'Day: 2026-11-29', 'Total: 12.50'];
  const text = lines
    .map((line, i) => `<text x="40" y="${90 + i * 90}" font-size="52">${line}</text>`)
    .join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="380"><rect width="100%" height="100%" fill="#fff"/><g font-family="DejaVu Sans">${text}</g></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 95 }).toBuffer();
}

/** The commands of the README, one a line. */
async function recipe(): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, block = ''] = /<!-- recipe -->\s*```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  return block.split('\n').filter((line) => line.trim() !== '');
}

const shell = (command: string) =>
  new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn('sh', ['-c', command], { cwd: here, env: environment() });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    child.on('close', (code) => resolve({ code, output }));
  });

it('leads from npm start to an answer of a profile of one’s own in under two minutes', async () => {
  const [first, ...commands] = await recipe();
  expect(first).toMatch(/^npm start\b/);
  expect(commands.length).toBeGreaterThan(3);
  const startedAt = Date.now();
  start = spawn('npm', ['start', '--', '--port', String(PORT)], {
    cwd: here,
    env: environment(),
  });
  for (const stream of [start.stdout, start.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  while (!said.includes('Stop with Ctrl-C')) {
    if (start.exitCode !== null) throw new Error(said);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const outputs: string[] = [];
  for (const command of commands) {
    const { code, output } = await shell(command);
    expect({ command, code, output }).toMatchObject({ command, code: 0 });
    outputs.push(output);
  }
  expect(Date.now() - startedAt).toBeLessThan(120_000);
  expect(said).toContain('receipt.yaml: taken up');
  expect((await readdir(join(work, 'profiles'))).sort()).toContain('receipt.yaml');
  // What was read is what stands on the receipt: tried, uploaded and listed.
  const [tried, sent, listed] = outputs.slice(-3);
  expect(tried).toMatch(/^ {2}total +12\.5$/m);
  for (const output of [sent, listed])
    expect(output).toMatch(
      /^✓ completed +receipt\/receipt\.jpg .*Corner Store · total 12\.5 · day 2026-11-29/m,
    );
}, 300_000);
