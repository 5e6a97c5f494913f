import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command-line.ts';

const CREDENTIALS = fileURLToPath(new URL('../../cli/doctor/credentials.ts', import.meta.url));

/** A home without credentials, and a PATH with nothing but what the test puts there. */
let folder: string;
const bare = () => ({ HOME: folder, PATH: folder, METADATA_SERVER_DETECTION: 'none' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the credentials of pipeline doctor', () => {
  it('are asked for when there are none, and nothing else is said of the deployment', async () => {
    const { code, stdout } = await runCommand(['doctor', '--project', 'my-project-123'], { env: bare() });
    expect(code).toBe(1);
    expect(stdout).toContain(
      '  Project\n    ✗ No Google credentials were found.\n      gcloud auth application-default login\n\n  Settings\n',
    );
  });

  it("are gcloud's where there are no application default credentials", async () => {
    const gcloud = join(folder, 'gcloud');
    await writeFile(gcloud, '#!/bin/sh\n[ "$*" = "auth print-access-token" ] && echo token-of-gcloud\n');
    await chmod(gcloud, 0o755);
    const script = `import { accessToken } from ${JSON.stringify(CREDENTIALS)}; process.stdout.write(String(await accessToken()));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: bare(),
    });
    expect(stdout).toBe('token-of-gcloud');
  });
});
