import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Cloud {
  /** Revision with the traffic, and the newest one, of analyze-image. */
  stable: string;
  /** Whether the traffic goes to whatever is the newest, as after an ordinary apply. */
  followsNewest: boolean;
  newest: string;
  /** The one that was made last, where it did not start. */
  created?: string;
  smokeIsAnswered: boolean;
  /** Failed ones of 100 requests of the newest revision; the stable one has none. */
  failures: number;
  /** Calls that contain this fail. */
  broken?: string;
}

const OUTPUTS = {
  region: { value: 'europe-west1' },
  buckets: { value: { uploads: 'my-uploads' } },
  smoke_object: { value: 'smoke/candidate.jpg' },
  services: { value: { 'analyze-image': 'pictures-analyze-image' } },
};

/** Stands for gcloud: notes every call and answers as the described cloud would. */
const gcloud = (calls: string, cloud: Cloud): string => `#!/usr/bin/env bash
echo "$*" >> '${calls}'
case "$*" in
  ${cloud.broken === undefined ? '' : `*"${cloud.broken}"*) exit 1 ;;`}
  *describe*) echo '${JSON.stringify({
    status: {
      latestReadyRevisionName: cloud.newest,
      latestCreatedRevisionName: cloud.created ?? cloud.newest,
      traffic: [
        {
          revisionName: cloud.stable,
          percent: 100,
          ...(cloud.followsNewest ? { latestRevision: true } : {}),
        },
        { tag: 'candidate' },
      ],
    },
  })}' ;;
  *analyze.done*) ${cloud.smokeIsAnswered ? 'echo one' : ':'} ;;
  *${cloud.newest}*"status>=500"*) ${cloud.failures > 0 ? `seq ${cloud.failures}` : ':'} ;;
  *"status>=500"*) : ;;
  *"httpRequest.status>0"*) seq 100 ;;
esac
`;

const hasTools = process.platform !== 'win32' && ['bash', 'jq', 'sha256sum'].every(isInstalled);

function isInstalled(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, tool)));
}

describe.runIf(hasTools)('a rollout', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollout-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (script: string, cloud: Partial<Cloud>, written: object = OUTPUTS) => {
    const calls = join(folder, 'calls');
    const outputs = join(folder, 'outputs.json');
    const usual = {
      stable: 'rev-1',
      newest: 'rev-2',
      followsNewest: false,
      smokeIsAnswered: true,
      failures: 0,
    };
    writeFileSync(calls, '');
    writeFileSync(outputs, JSON.stringify(written));
    writeFileSync(join(folder, 'gcloud'), gcloud(calls, { ...usual, ...cloud }));
    chmodSync(join(folder, 'gcloud'), 0o755);
    const { status, stdout } = spawnSync('bash', [`.github/${script}`, outputs], {
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
        PROJECT: 'my-project',
        WATCH_SECONDS: '0',
        SMOKE_SECONDS: '1',
        POLL_SECONDS: '0.2',
      },
    });
    const lines = readFileSync(calls, 'utf8').split('\n');
    return {
      status,
      stdout,
      lines,
      traffic: lines.flatMap((line) => /--to-(?:revisions=)?(\S+)/.exec(line)?.[1] ?? []),
    };
  };
  const rollOut = (cloud: Partial<Cloud>) => run('rollout.sh', cloud);
  const hold = (cloud: Partial<Cloud>, written?: object) => run('hold-traffic.sh', cloud, written);

  it('tries nothing when no function has a new revision, and ends the holding', () => {
    const { status, traffic, lines } = rollOut({ newest: 'rev-1' });
    expect(status).toBe(0);
    expect(traffic).toEqual(['latest']);
    expect(lines.filter((line) => line.includes('update-tags') || line.includes('storage cp'))).toEqual([]);
  });

  it('gives a new revision the traffic step by step, then lets it follow the newest again', () => {
    const { status, traffic } = rollOut({});
    expect(traffic).toEqual(['rev-2=10,rev-1=90', 'rev-2=50,rev-1=50', 'rev-2=100', 'latest']);
    expect(status).toBe(0);
  });

  it('fails aloud when the traffic was not held, and touches nothing', () => {
    const { status, stdout, lines } = rollOut({ stable: 'rev-2', followsNewest: true });
    expect(status).toBe(1);
    expect(stdout).toContain('.github/hold-traffic.sh');
    expect(lines.filter((line) => !line.includes('describe')).join('')).toBe('');
  });

  it('lets the first revision of a new function have its traffic', () => {
    const first = 'pictures-webhook-00001-abc';
    const { status, traffic } = rollOut({ stable: first, newest: first, followsNewest: true });
    expect(traffic).toEqual(['latest']);
    expect(status).toBe(0);
  });

  it('begins with traffic that was held on the revision that serves', () => {
    const { status, traffic } = hold({ stable: 'rev-2', followsNewest: true });
    expect(traffic).toEqual(['rev-2=100']);
    expect(status).toBe(0);
  });

  it('leaves traffic that is held where it is', () => {
    expect(hold({ stable: 'rev-1' })).toMatchObject({ status: 0, traffic: [] });
  });

  it('has nothing to hold before the first apply', () => {
    expect(hold({}, {})).toMatchObject({ status: 0, traffic: [] });
  });

  it('sends the smoke image through the new revision before it gets any traffic', () => {
    const { lines } = rollOut({});
    const first = (part: string) => lines.findIndex((line) => line.includes(part));
    expect(first('--update-tags=candidate=rev-2')).toBeGreaterThan(-1);
    expect(first('--update-tags=candidate=rev-2')).toBeLessThan(first('gs://my-uploads/smoke/candidate.jpg'));
    expect(first('analyze.done')).toBeLessThan(first('--to-revisions'));
  });

  it('never gives traffic to a revision that does not answer the smoke image', () => {
    const { status, traffic, stdout } = rollOut({ smokeIsAnswered: false });
    expect(traffic).toEqual(['rev-1=100']);
    expect(status).toBe(1);
    expect(stdout).toContain('until an apply without hold_traffic');
  });

  it('touches nothing and fails when the new revision does not start', () => {
    const { status, traffic } = rollOut({ newest: 'rev-1', created: 'rev-2' });
    expect(traffic).toEqual([]);
    expect(status).toBe(1);
  });

  it('goes back when the new revision cannot be tagged or the smoke image cannot be sent', () => {
    for (const broken of ['--update-tags', 'storage cp']) {
      const { status, traffic } = rollOut({ broken });
      expect(traffic, broken).toEqual(['rev-1=100']);
      expect(status, broken).toBe(1);
    }
  });

  it('goes back when the new revision fails more often than the old one', () => {
    const { status, traffic } = rollOut({ failures: 40 });
    expect(traffic).toEqual(['rev-2=10,rev-1=90', 'rev-1=100']);
    expect(status).toBe(1);
  });

  it('goes back when the traffic cannot be moved or judged', () => {
    expect(rollOut({ broken: '--to-revisions=rev-2=50' })).toMatchObject({ status: 1 });
    const { status, traffic } = rollOut({ broken: 'httpRequest.status>0' });
    expect(traffic.at(-1)).toBe('rev-1=100');
    expect(status).toBe(1);
  });

  it('bears a few failures, by which a function asks for another delivery', () => {
    expect(rollOut({ failures: 10 }).status).toBe(0);
  });
});
