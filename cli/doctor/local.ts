import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DECISION_MODEL, modelsAsked } from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { formatBytes } from '../text/units.ts';
import { profilesInUse } from './asked-profiles.ts';
import {
  error,
  type Finding,
  gathered,
  listed,
  ok,
  orAllWell,
  RESTART,
  type Topic,
  unseen,
  warning,
} from './finding.ts';
import { GoogleApi } from './google-api.ts';
import { examineDeadLetters, examineWaiting } from './local-backlog.ts';
import type { LocalExamination } from './local-examination.ts';
import { examineServers } from './local-servers.ts';
import { examineModels, modelFindings, modelShape } from './model.ts';
import { examinePauses } from './pauses.ts';
import { readingBy } from './read-document.ts';
import { storedProfileFindings } from './stored-profiles.ts';

/** A phone's picture, its prepared copy and what is written about it take some 10 MB. */
const LOW_DISK_BYTES = 1_000_000_000;
const NO_DISK_BYTES = 100_000_000;

/** The pipeline that `npm start` runs here. */
export async function examineLocalCloud(asked: LocalExamination): Promise<Topic[]> {
  const profiles = profilesInUse(asked.stored);
  const models = modelsAsked(profiles);
  const read = readingBy(asked.target.documents);
  const topics: [string, Promise<Finding[]>][] = [
    ['Servers', examineServers(asked)],
    ['Backlog', guarded('the results', examineWaiting(asked))],
    ['Dead letters', guarded('the dead letters', examineDeadLetters(asked))],
    ['Stored profiles', Promise.resolve(storedProfileFindings(asked.stored))],
    ['Model', guarded('the model', examineModel(asked, profiles))],
    ['Pauses', guarded('the pauses', examinePauses(read, '', models, asked.nowMs))],
    ['Disk', guarded('the disk', examineDisk(asked))],
  ];
  return Promise.all(
    topics.map(async ([topic, findings]) => ({ topic, findings: gathered(await findings) })),
  );
}

/** A server that does not answer is said once, and hides only what it has. */
const guarded = (subject: string, findings: Promise<Finding[]>): Promise<Finding[]> =>
  findings.catch((failure: unknown) => [
    unseen(
      subject,
      failure instanceof Error ? (failure.message.split('\n', 1)[0] ?? '') : String(failure),
      RESTART,
    ),
  ]);

async function examineModel(
  { target, env }: LocalExamination,
  profiles: readonly Profile[],
): Promise<Finding[]> {
  if (target.geminiUrl !== undefined) {
    const reader = new GoogleApi({ project: 'local', token: undefined });
    // It decides nothing: what asks for that goes on without it.
    const models = modelsAsked(profiles).filter((model) => model !== DECISION_MODEL);
    return orAllWell(
      await modelsAt(reader, target.geminiUrl, models),
      `The local reader answers for ${listed(models)}.`,
    );
  }
  const apiKey = env['GEMINI_API_KEY'];
  if (!apiKey) {
    return [
      unseen(
        'the model',
        'Gemini answers, with a key that this shell does not have.',
        'export GEMINI_API_KEY=YOUR_KEY and run this again',
      ),
    ];
  }
  const google = new GoogleApi({ project: 'local', token: undefined });
  return examineModels(google, { backend: 'developer', location: 'global', apiKey, decides: true }, profiles);
}

async function modelsAt(api: GoogleApi, url: string, models: readonly string[]): Promise<Finding[]> {
  const findings = await Promise.all(
    models.map(async (model) =>
      modelFindings(
        model,
        await api.get(`${url}/v1beta/models/${model}`, modelShape, { 'x-goog-api-key': 'local' }),
      ),
    ),
  );
  return findings.flat();
}

async function examineDisk({ env }: LocalExamination): Promise<Finding[]> {
  const account = env['GOOGLE_APPLICATION_CREDENTIALS'];
  if (account === undefined) return [];
  // The key of the local service account lies in the folder of the data.
  const folder = dirname(account);
  const { bavail, bsize } = await statfs(folder);
  return [diskFinding(folder, bavail * bsize)];
}

/** What is left on the disk of a folder, in bytes. */
export function diskFinding(folder: string, free: number): Finding {
  const left = `${formatBytes(free)} are free in ${folder}`;
  const fix = `df -h ${folder}; then delete what is not needed, or: npm start -- --data OTHER_FOLDER`;
  if (free < NO_DISK_BYTES) return error(`${left}: uploads will be refused.`, fix);
  return free < LOW_DISK_BYTES ? warning(`${left}.`, fix) : ok(`${left}.`);
}
