import { allOptionShapes } from '../../build/option-shapes.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { Target, TargetOptions } from '../target.ts';
import { lookAtAskedProfiles, profilesInUse } from './asked-profiles.ts';
import { examineCode } from './code.ts';
import { accessToken } from './credentials.ts';
import { examineDeployment } from './deployment.ts';
import { error, gathered, type Topic } from './finding.ts';
import { GoogleApi } from './google-api.ts';
import { examineLocalCloud } from './local.ts';
import { nameOfBucket } from './names.ts';
import { readingBy } from './read-document.ts';
import { fileFindings, nothingNamed, shellFindings } from './variables.ts';

export interface DoctorOptions extends TargetOptions {
  config?: boolean;
  variables?: string[];
  name?: string;
  region?: string;
  billingAccount?: string;
  /** Minutes. */
  waiting: number;
  apiRoot?: string;
}

export interface Report {
  /** What was looked at. */
  label: string;
  topics: readonly Topic[];
}

const MINUTE_MS = 60_000;

/** As in terraform/variables.tf. */
const DEFAULT_NAME = 'pictures';

/** The deployment that is named, else the local cloud that runs here; and always the configuration. */
export async function examine(cli: Cli, options: DoctorOptions): Promise<Report> {
  const nowMs = Date.now();
  // Finding the local cloud changes the environment: what the shell has set is read before.
  const settings = await examineVariables(cli, options);
  const configuration = async (inUse = allProfiles()) => [...settings, ...(await examineCode(inUse, nowMs))];
  if (options.config) return { label: 'The configuration', topics: await configuration() };
  if (options.project !== undefined || options.bucket !== undefined) {
    const project = options.project ?? cli.env['GOOGLE_CLOUD_PROJECT'];
    if (!project)
      throw new CliError('The bucket is named, but not the project.', { hint: 'Add --project PROJECT_ID.' });
    return deploymentReport(cli, options, project, nowMs, configuration);
  }
  const target = await runningTarget(cli, options);
  if (target instanceof CliError) {
    return {
      label: 'The configuration',
      topics: [...(await configuration()), { topic: 'Local cloud', findings: notRunning(options, target) }],
    };
  }
  if (target.kind === 'deployment') {
    const project = cli.env['GOOGLE_CLOUD_PROJECT'] ?? cli.env['GCLOUD_PROJECT'] ?? '';
    return deploymentReport(cli, { ...options, bucket: target.uploadsBucket }, project, nowMs, configuration);
  }
  const waitingMs = options.waiting * MINUTE_MS;
  const stored = await lookAtAskedProfiles(readingBy(target.documents));
  const found = await examineLocalCloud({ target, env: cli.env, waitingMs, nowMs, stored });
  const topics = await configuration(profilesInUse(stored));
  return { label: capitalized(target.label), topics: [...found.map(namingData(options)), ...topics] };
}

/** What fixes a local cloud must be typed for the folder that was asked about. */
const namingData =
  ({ data }: DoctorOptions) =>
  ({ topic, findings }: Topic): Topic => ({
    topic,
    findings: findings.map((finding) =>
      data === undefined || finding.fix === undefined
        ? finding
        : { ...finding, fix: inFolder(finding.fix, data) },
    ),
  });

const inFolder = (fix: string, data: string): string =>
  fix
    .replace(/npx pipeline (\w\S*)/g, `npx pipeline $1 --data ${data}`)
    .replace(/npm start$/, `npm start -- --data ${data}`);

const runningTarget = (cli: Cli, { data }: DoctorOptions): Promise<Target | CliError> =>
  cli.target().catch((failure: unknown) => {
    if (failure instanceof CliError) return failure;
    throw failure instanceof Error ? failure : new Error(String(failure), { cause: data });
  });

/** A cloud that somebody names must run; that none runs is nothing wrong otherwise. */
const notRunning = ({ data }: DoctorOptions, failure: CliError) =>
  data === undefined ? [nothingNamed()] : [error(failure.message, `npm start -- --data ${data}`)];

async function deploymentReport(
  cli: Cli,
  options: DoctorOptions,
  project: string,
  nowMs: number,
  configuration: (inUse?: readonly Profile[]) => Promise<readonly Topic[]>,
): Promise<Report> {
  const name = options.name ?? (options.bucket && nameOfBucket(options.bucket, project)) ?? DEFAULT_NAME;
  const label = `The deployment ${name} in ${project}`;
  // Credentials are for Google alone.
  const token = options.apiRoot === undefined ? await accessToken() : undefined;
  if (token === undefined && options.apiRoot === undefined) {
    const findings = [error('No Google credentials were found.', 'gcloud auth application-default login')];
    return { label, topics: [{ topic: 'Project', findings }, ...(await configuration())] };
  }
  const api = new GoogleApi({ project, token, apiRoot: options.apiRoot });
  const { topics, profiles } = await examineDeployment(api, {
    project,
    name,
    region: options.region,
    billingAccount: options.billingAccount,
    apiKey: cli.env['GEMINI_API_KEY'],
    nowMs,
  });
  return { label, topics: [...topics, ...(await configuration(profiles))] };
}

async function examineVariables(cli: Cli, { variables = [] }: DoctorOptions): Promise<Topic[]> {
  const shapes = await allOptionShapes();
  const ofFiles = await Promise.all(variables.map((path) => fileFindings(path, cli.cwd, shapes)));
  return [
    {
      topic: 'Settings',
      findings: gathered([...shellFindings(cli.env, shapes), ...ofFiles.flat()]),
    },
  ];
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
