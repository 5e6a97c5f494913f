import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeFindings } from '../../cli/doctor/code.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import { hasTerminal, runCommand, runOnTerminal } from './command-line.ts';
import { at, PROJECT } from './google/addresses.ts';
import { healthyDeployment } from './google/deployment.ts';
import { type Answers, type GoogleServer, startGoogleServer } from './google/server.ts';

interface Json {
  subject: string;
  errors: number;
  warnings: number;
  unseen: number;
  findings: { topic: string; severity: string; looked: boolean; text: string; fix: string | null }[];
}

let google: GoogleServer;
let answers: Answers;
let folder: string;

const DOCTOR = ['doctor', '--project', PROJECT, '--billing-account', '0123AB-4567CD-89EF01'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  answers = await healthyDeployment();
  google = await startGoogleServer(answers);
});

afterAll(async () => {
  await google.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand([...DOCTOR, '--api-root', google.url, ...args], { env });

/** Runs while one address answers something else. */
async function with_(
  address: string,
  answer: { status: number; body: unknown } | undefined,
  args: readonly string[],
) {
  const before = answers.get(address);
  if (answer) answers.set(address, answer);
  else answers.delete(address);
  try {
    return await run(args);
  } finally {
    if (before) answers.set(address, before);
  }
}

/** Each runs processes, which take their time on a busy machine. Milliseconds. */
const PATIENCE = { timeout: 60_000 };

/** What the calendar brings: models of the ladders that change soon are warned of, whatever else is in order. */
const ofToday = () =>
  changeFindings(allProfiles(), Date.now()).filter(({ severity }) => severity === 'warning').length;

describe('pipeline doctor as a command', PATIENCE, () => {
  it('ends with 0 where everything is in order', async () => {
    const { code, stdout, stderr } = await run([]);
    expect(stdout).toContain(`The deployment pictures in ${PROJECT}\n\n  Project\n    ✓ ${PROJECT}`);
    if (ofToday() === 0) expect(stdout).toMatch(/\nEverything is in order\.\n$/);
    else expect(stdout).toMatch(new RegExp(`\\n${ofToday()} warnings?\\. The fix is`));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('ends with 1 for an error and shows the command that fixes it on a line of its own', async () => {
    const { code, stdout } = await with_(at.job, undefined, []);
    expect(code).toBe(1);
    expect(stdout).toContain(
      '    ✗ There is no schedule pictures-sweep: stuck and parked pictures stay so.\n      terraform -chdir=terraform apply\n',
    );
    expect(stdout).toMatch(/\n1 error(, \d+ warnings?)?\. The fix is printed below each one\.\n$/);
  });

  it('ends with 0 for a warning, unless it is to be strict', async () => {
    const none = { status: 200, body: { backupSchedules: [] } };
    expect((await with_(at.backups, none, [])).code).toBe(0);
    expect((await with_(at.backups, none, ['--strict'])).code).toBe(1);
  });

  it('gives programs every finding with its topic, severity and remedy', async () => {
    const { code, stdout } = await with_(at.job, undefined, ['--json']);
    const report = JSON.parse(stdout) as Json;
    expect(code).toBe(1);
    expect(report).toMatchObject({
      subject: `The deployment pictures in ${PROJECT}`,
      errors: 1,
      warnings: ofToday(),
      unseen: 0,
    });
    expect(report.findings).toContainEqual({
      topic: 'Schedule',
      severity: 'error',
      looked: true,
      text: 'There is no schedule pictures-sweep: stuck and parked pictures stay so.',
      fix: 'terraform -chdir=terraform apply',
    });
  });

  it('finds the name of a deployment by its bucket', async () => {
    const { stdout } = await run(['--bucket', `${PROJECT}-shelves-uploads`, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ subject: `The deployment shelves in ${PROJECT}` });
  });

  it("tells a server that is not Google's neither token nor key", async () => {
    await run([], { GEMINI_API_KEY: 'my-key' });
    expect(google.headers.length).toBeGreaterThan(30);
    expect(JSON.stringify(google.headers)).not.toMatch(/authorization|my-key/);
  });

  it.runIf(hasTerminal)('fits a terminal, in colors', async () => {
    answers.delete(at.topic('uploads'));
    const { stdout } = await runOnTerminal([...DOCTOR, '--api-root', google.url]);
    expect(stdout).toContain('\u001b[31m✗\u001b[39m There is no topic pictures-uploads.');
  });
});

describe('pipeline doctor on a configuration', PATIENCE, () => {
  it('looks at it when neither a deployment is named nor a local cloud runs', async () => {
    const { code, stdout } = await runCommand(['doctor', '--json', '--config']);
    const report = JSON.parse(stdout) as Json;
    expect(report.subject).toBe('The configuration');
    expect(report.findings.map(({ topic }) => topic)).toEqual(
      expect.arrayContaining(['Settings', 'Prices', 'Profiles', 'Terraform']),
    );
    expect(code).toBe(report.errors > 0 ? 1 : 0);
  });

  it('tells of a local cloud that was named and does not run', async () => {
    const { code, stdout } = await runCommand(['doctor', '--data', folder]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      `✗ No local cloud is running in ${folder}.\n      npm start -- --data ${folder}`,
    );
  });

  it('holds the variables of the shell against what the functions expect', async () => {
    const env = { MODEL_MAX_ATTEMPTS: '99', SWEEP_LIMIT: '5' };
    const { code, stdout } = await runCommand(['doctor', '--config'], { env });
    expect(code).toBe(1);
    expect(stdout).toContain('✗ MODEL_MAX_ATTEMPTS: expected at most 10 calls.');
    expect(stdout).not.toContain('SWEEP_LIMIT');
  });

  it('tells of everything that is wrong with a file of variables, and repeats no value', async () => {
    await writeFile(
      join(folder, 'analyze-image.env'),
      'MODEL_MAX_ATTEMPTS=99\nMODEL_ATEMPT_MS=5\nDAILY_BUDGET_USD=5 EUR\nLEASE_MS=sesame\n',
    );
    const { code, stdout } = await runCommand(['doctor', '--config', '--variables', 'analyze-image.env'], {
      cwd: folder,
    });
    expect(code).toBe(1);
    expect(stdout).toContain('✗ analyze-image.env: MODEL_MAX_ATTEMPTS: expected at most 10 calls.');
    expect(stdout).toContain('✗ analyze-image.env: LEASE_MS: expected a whole number of milliseconds.');
    expect(stdout).toContain(
      '! analyze-image.env: analyze-image does not read MODEL_ATEMPT_MS; MODEL_ATTEMPT_MS may be meant.',
    );
    expect(stdout).not.toContain('sesame');
  });

  it('tells what a function cannot do without', async () => {
    await writeFile(join(folder, 'resize-image.env'), 'PREPARED_BUCKET=prepared\n');
    const { stdout } = await runCommand(['doctor', '--config', '--variables', 'resize-image.env'], {
      cwd: folder,
    });
    expect(stdout).toContain(
      '✗ resize-image.env: UPLOADS_BUCKET is not set: expected the name of the bucket',
    );
  });

  it('takes a file of any other name for all functions', async () => {
    await writeFile(join(folder, 'my.env'), 'SWEEP_LIMIT=100\nMODEL_MAX_ATTEMPTS=3\n');
    const { stdout } = await runCommand(['doctor', '--config', '--variables', 'my.env'], { cwd: folder });
    expect(stdout).toContain('✓ my.env: 2 variables, as the functions expect them.');
  });

  it('says which file cannot be read', async () => {
    const { code, stderr } = await runCommand(['doctor', '--config', '--variables', 'none.env'], {
      cwd: folder,
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: '✗ none.env cannot be read.\n  Check the path after --variables.\n',
    });
  });
});
