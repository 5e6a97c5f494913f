import { allOptionShapes } from '../../build/option-shapes.ts';
import { modelsAsked } from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import { examineAlerts } from './alerts.ts';
import { lookAtAskedProfiles, profilesInUse } from './asked-profiles.ts';
import { examineBacklog } from './backlog.ts';
import { type Bucket, examineBucket, lookAtBucket } from './buckets.ts';
import { examineBudget } from './budget.ts';
import { examineDatabase } from './database.ts';
import { environmentFindings } from './environment.ts';
import { type Finding, gathered, orAllWell, type Topic } from './finding.ts';
import { configOf, type DeployedFunctions, functionFindings, lookAtFunctions } from './functions.ts';
import { type GoogleApi, HOPELESS, type Looked } from './google-api.ts';
import { examineRepository } from './images.ts';
import { examineModels } from './model.ts';
import { FEEDS, Names } from './names.ts';
import { examineNotifications } from './notifications.ts';
import { examinePauses } from './pauses.ts';
import { type Backend, examineApis, examineProjectRoles, lookAtProject, projectFindings } from './project.ts';
import { examineQuota } from './quota.ts';
import { readingFrom } from './read-document.ts';
import { examineRules } from './rules.ts';
import { examineSchedules } from './schedule.ts';
import { examineSecrets } from './secrets.ts';
import { examineService } from './services.ts';
import { type BackendConfig, storedProfileFindings } from './stored-profiles.ts';
import { examineFeed, lookAtAgents } from './topics.ts';

interface Examination {
  project: string;
  name: string;
  /** Undefined: where the bucket for uploads lies. */
  region: string | undefined;
  billingAccount: string | undefined;
  /** The person's own key, which asks the Gemini API for its models. */
  apiKey: string | undefined;
  nowMs: number;
}

/** As in terraform/variables.tf. */
const DEFAULT_REGION = 'europe-west1';

interface Examined {
  topics: Topic[];
  /** Those whose models matter. */
  profiles: readonly Profile[];
}

/** Everything that `terraform apply` makes, as it is now. Nothing is changed, and no key is read. */
export async function examineDeployment(api: GoogleApi, asked: Examination): Promise<Examined> {
  const { project, name, billingAccount, nowMs } = asked;
  const found = await lookAtProject(api, project);
  const projectTopic = { topic: 'Project', findings: projectFindings(project, found) };
  if (found.state === 'missing' || isHopeless(found))
    return { topics: [projectTopic], profiles: allProfiles() };

  const number = found.state === 'found' ? found.value.number : undefined;
  const uploads = await lookAtBucket(api, new Names({ project, name, region: '' }).bucket('uploads'));
  const names = new Names({ project, name, region: asked.region ?? regionOf(uploads) });
  const functions = await lookAtFunctions(api, names);
  const backend = backendOf(functions);
  const backends = backendsOf(backend);
  const decides = backends.includes('developer');
  const read = readingFrom(api, names);
  const stored = await lookAtAskedProfiles(read, names.where);
  const profiles = profilesInUse(stored);
  const models = modelsAsked(profiles);
  const agents = await lookAtAgents(api, project, number);

  const topics: [string, Promise<Finding[]>][] = [
    [
      'APIs',
      examineApis(api, project, backends, {
        hasSecrets: holdsSecrets(functions),
        hasBudget: billingAccount !== undefined,
      }),
    ],
    ['Roles', examineProjectRoles(api, names, number, [...functions.keys()], backends)],
    ['Buckets', examineBuckets(api, names, uploads, number)],
    ['Notifications', examineNotifications(api, names)],
    [
      'Subscriptions',
      each(
        FEEDS.filter(({ fn }) => functions.has(fn)),
        (feed) => examineFeed(api, names, functions, agents, feed),
      ),
    ],
    ['Backlog', examineBacklog(api, names, nowMs)],
    ['Functions', examineFunctions(api, names, functions)],
    ['Variables', allOptionShapes().then((shapes) => environmentFindings(names, functions, shapes))],
    ['Database', each([examineDatabase, examineRules], (examine) => examine(api, names))],
    ['Secrets', examineSecrets(api, names, functions)],
    ['Schedule', examineSchedules(api, names, functions)],
    ['Stored profiles', Promise.resolve(storedProfileFindings(stored, { backend, where: names.where }))],
    [
      'Model',
      each(backends, (one) => {
        const access = { location: backend.GEMINI_LOCATION, apiKey: asked.apiKey, decides };
        return examineModels(api, { backend: one, ...access }, profiles);
      }),
    ],
    ['Quota', examineQuota(api, names, functions, backends[0], models)],
    ['Pauses', examinePauses(read, names.where, models, nowMs)],
    ['Budget', examineBudget(api, names, billingAccount, number)],
    ['Alerts', examineAlerts(api, names)],
  ];
  const examined = await Promise.all(
    topics.map(async ([topic, findings]) => ({ topic, findings: gathered(await findings) })),
  );
  return { topics: [projectTopic, ...examined.filter(({ findings }) => findings.length > 0)], profiles };
}

const isHopeless = (looked: Looked<unknown>): boolean =>
  looked.state === 'unseen' && Object.values<string | undefined>(HOPELESS).includes(looked.reason);

const regionOf = (uploads: Looked<Bucket>): string =>
  uploads.state === 'found' && uploads.value.location !== ''
    ? uploads.value.location.toLowerCase()
    : DEFAULT_REGION;

const holdsSecrets = (functions: DeployedFunctions): boolean =>
  [...functions.keys()].some((fn) => configOf(functions, fn)?.secretEnvironmentVariables.length);

/** The variables by which the deployed function reaches Gemini; its key is not read. */
function backendOf(functions: DeployedFunctions): BackendConfig {
  const config = configOf(functions, 'analyze-image');
  const hasKey = config?.secretEnvironmentVariables.some(({ key }) => key === 'GEMINI_API_KEY') ?? false;
  const { GEMINI_BACKEND, GEMINI_LOCATION, VERTEX_FAILOVER } = config?.environmentVariables ?? {};
  return {
    GEMINI_BACKEND: GEMINI_BACKEND === 'vertex' ? 'vertex' : 'developer',
    GEMINI_LOCATION: GEMINI_LOCATION ?? 'global',
    VERTEX_FAILOVER: VERTEX_FAILOVER === 'true',
    GEMINI_STORE_REQUESTS: false,
    ...(hasKey ? { GEMINI_API_KEY: 'a secret' } : {}),
  };
}

/** How it reaches Gemini: first, and where that refuses access. */
function backendsOf(config: BackendConfig): readonly [Backend, ...Backend[]] {
  const hasKey = config.GEMINI_API_KEY !== undefined;
  if (config.GEMINI_BACKEND === 'vertex') return hasKey ? ['vertex', 'developer'] : ['vertex'];
  return config.VERTEX_FAILOVER ? ['developer', 'vertex'] : ['developer'];
}

const each = async <T>(items: readonly T[], examine: (item: T) => Promise<Finding[]>): Promise<Finding[]> =>
  (await Promise.all(items.map(examine))).flat();

const examineBuckets = (
  api: GoogleApi,
  names: Names,
  uploads: Looked<Bucket>,
  projectNumber: string | undefined,
): Promise<Finding[]> =>
  each(['uploads', 'prepared', 'source'] as const, async (key) =>
    examineBucket(
      api,
      names,
      key,
      key === 'uploads' ? uploads : await lookAtBucket(api, names.bucket(key)),
      projectNumber,
    ),
  );

const examineFunctions = (api: GoogleApi, names: Names, functions: DeployedFunctions): Promise<Finding[]> =>
  each([...functions.keys(), 'images' as const], async (one) =>
    one === 'images'
      ? examineRepository(api, names)
      : orAllWell(
          [
            ...functionFindings(names, one, functions.get(one)),
            ...(await examineService(api, names, functions, one)),
          ],
          `${names.service(one)} is up, as its own account, for its own callers.`,
        ),
  );
