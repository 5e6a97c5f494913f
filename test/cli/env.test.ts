import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentText } from '../../cli/text/environment.ts';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { endpointsOf, writeEndpoints } from '../../local/endpoints.ts';
import { runCommand } from './command-line.ts';

const AWKWARD = {
  PLAIN: 'a-b/c:1',
  SPACES: 'a b  c',
  QUOTE: "it's",
  DOUBLE: '"a" $HOME `b` \\',
  HASH: 'a#b',
  EMPTY: '',
};

describe('the variables of pipeline env', () => {
  it('mean the same to a shell, whatever is in them', () => {
    const script = `${environmentText(AWKWARD, 'shell')}\nexec "$1" -p 'JSON.stringify(process.env)'`;
    const said = execFileSync('sh', ['-c', script, 'sh', process.execPath], { encoding: 'utf8' });
    expect(JSON.parse(said)).toMatchObject(AWKWARD);
  });

  it('mean the same to a reader of .env files', () => {
    expect(parseEnv(environmentText(AWKWARD, 'dotenv'))).toEqual(AWKWARD);
  });

  it('are JSON for programs, and assignments for PowerShell', () => {
    expect(JSON.parse(environmentText(AWKWARD, 'json'))).toEqual(AWKWARD);
    expect(environmentText({ QUOTE: "it's" }, 'powershell')).toBe("$env:QUOTE = 'it''s'\n");
  });
});

describe('pipeline env', () => {
  let dataDir: string;
  let cloud: LocalCloud;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'env-'));
    cloud = await startLocalCloud({
      dataDir,
      functions: [],
      model: { kind: 'running', url: 'http://127.0.0.1:9' },
    });
    await writeEndpoints(dataDir, endpointsOf(cloud));
  });
  afterAll(async () => {
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('leads to the local cloud that runs', async () => {
    const { stdout } = await runCommand(['env', '--data', dataDir, '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      STORAGE_EMULATOR_HOST: cloud.storage.url,
      FIRESTORE_EMULATOR_HOST: cloud.firestore.host,
      PUBSUB_EMULATOR_HOST: cloud.pubsub.url.replace('http://', ''),
      GOOGLE_CLOUD_PROJECT: 'local',
      GOOGLE_APPLICATION_CREDENTIALS: join(dataDir, 'service-account.json'),
      UPLOADS_BUCKET: 'uploads',
      PIPELINE_URL: cloud.url('api'),
      RCLONE_GCS_ENDPOINT: `${cloud.storage.url}/storage/v1/`,
      GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT: 'false',
    });
  });

  it('names what a deployment needs', async () => {
    const args = ['--project', 'p', '--bucket', 'b', '--database', 'd', 'env'];
    const credentials = join(dataDir, 'service-account.json');
    const { stdout } = await runCommand(args, { env: { GOOGLE_APPLICATION_CREDENTIALS: credentials } });
    expect(stdout).toBe(
      "export GOOGLE_CLOUD_PROJECT='p'\nexport UPLOADS_BUCKET='b'\nexport FIRESTORE_DATABASE='d'\n",
    );
  });

  it('says that nothing runs, and prints nothing that a shell would run', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'no-cloud-'));
    await writeFile(join(empty, 'endpoints.json'), '{}');
    const { code, stdout, stderr } = await runCommand(['env', '--data', empty]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('No local cloud is running');
  });
});
