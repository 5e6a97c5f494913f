import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { environmentOfTerraform } from './environment.ts';
import { type PlanEvent, planEvent } from './plan.ts';

/**
 * `npm run test:terraform`: format, validation, `terraform test` with mocked providers, then the policies over the plans
 * that those tests made. TERRAFORM names the binary; no account and no credentials are needed.
 */
const named = process.env['TERRAFORM'] ?? 'terraform';
// A path is meant from here, and Terraform runs in its own folder.
const terraform = named.includes('/') ? resolve(named) : named;
const root = 'terraform';
const pipeline = join(root, 'modules', 'pipeline');
const example = join(root, 'examples', 'two-pipelines');
/** Not Terraform's default: OpenTofu reads that folder even to initialize, and knows other mocks. */
const TESTS = '-test-directory=testing';
const scratch = mkdtempSync(join(tmpdir(), 'terraform-plans-'));

const say = (line: string) => process.stdout.write(`${line}\n`);

function run(folder: string, args: readonly string[]): { code: number; output: string } {
  const { status, stdout, stderr, error } = spawnSync(terraform, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    env: { ...process.env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' },
  });
  if (error) throw new Error(`${terraform} cannot be run: ${error.message}. Set TERRAFORM to its path.`);
  return { code: status ?? 1, output: `${stdout}${status === 0 ? '' : stderr}` };
}

function step(title: string, folder: string, args: readonly string[]): void {
  const { code, output } = run(folder, args);
  if (code !== 0) fail(title, output);
  say(`ok    ${title}`);
}

function init(folder: string, ...args: string[]): void {
  const isLocked = existsSync(join(folder, '.terraform.lock.hcl')) && process.env['CI'];
  step(`init ${folder}`, folder, [
    ...['init', '-backend=false', '-input=false', '-no-color', ...args],
    ...(isLocked ? ['-lockfile=readonly'] : []),
  ]);
}

function fail(title: string, output: string): never {
  say(`FAIL  ${title}\n${output}`);
  process.exit(1);
}

/** The tests look at what is made of the functions, not into them: a file each stands for `npm run build`. */
function standInForTheBuild(folder: string): void {
  for (const name of environmentOfTerraform().keys()) {
    const built = join(folder, '.terraform', 'built', name);
    mkdirSync(built, { recursive: true });
    writeFileSync(join(built, 'index.mjs'), 'export {};\n');
  }
}

interface Event {
  type?: string;
  '@level'?: string;
  '@message'?: string;
  diagnostic?: { summary: string; detail: string; range?: { filename: string; start: { line: number } } };
  test_run?: { run: string; status: string; progress: string };
}

/** Runs the tests of a folder and returns the plans that they made. */
function test(title: string, folder: string, args: readonly string[]): PlanEvent[] {
  const { code, output } = run(folder, ['test', '-json', '-verbose', ...args]);
  const events = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);
  const ended = events.filter(
    ({ type, test_run }) => type === 'test_run' && test_run?.progress === 'complete',
  );
  if (code !== 0) fail(title, events.flatMap(describeProblem).join('\n'));
  say(`ok    ${title}: ${ended.length} runs`);
  return events.filter(({ type }) => type === 'test_plan').map((event) => planEvent.parse(event));
}

function describeProblem({ diagnostic }: Event): string[] {
  if (!diagnostic) return [];
  const where = diagnostic.range ? `${diagnostic.range.filename}:${diagnostic.range.start.line}: ` : '';
  return [`      ${where}${diagnostic.summary}. ${diagnostic.detail}`];
}

function policies(plans: readonly PlanEvent[]): void {
  const file = join(scratch, 'plans.json');
  writeFileSync(file, JSON.stringify(plans));
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', 'test/terraform/policy.test.ts'],
    { stdio: 'inherit', env: { ...process.env, TERRAFORM_PLANS: file } },
  );
  if (status !== 0) process.exit(status ?? 1);
}

try {
  for (const folder of [root, pipeline]) standInForTheBuild(folder);
  const formatting = run(root, ['fmt', '-check', '-recursive', '-diff']);
  if (formatting.output.includes('Usage:')) say('skip  format: this terraform has no fmt');
  else if (formatting.code !== 0) fail('format: run terraform fmt -recursive', formatting.output);
  else say('ok    format');

  init(root, TESTS);
  init(pipeline, TESTS);
  init(example);
  for (const folder of [root, example]) step(`validate ${folder}`, folder, ['validate', '-no-color']);
  const plans = [
    ...test('the whole, the stage, validation and apply', pipeline, [TESTS]),
    ...test('the example', root, [TESTS, '-var-file=terraform.tfvars.example']),
  ];
  const hasVertex = readFileSync(join(pipeline, 'code.json'), 'utf8').includes('"vertex"');
  policies([...plans, ...(hasVertex ? test('Vertex AI', pipeline, [`${TESTS}/vertex`]) : [])]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
