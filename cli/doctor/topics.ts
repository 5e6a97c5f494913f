import { z } from 'zod';
import { APPLY, error, type Finding, orAllWell, warning } from './finding.ts';
import type { DeployedFunctions } from './functions.ts';
import { type GoogleApi, type Looked, unseenOf } from './google-api.ts';
import { grantFindings, policy, serviceAccount, type Wanted } from './iam.ts';
import type { Feed, Names } from './names.ts';
import { examineDeadLetters, examineSubscription } from './subscriptions.ts';

const topicShape = z.looseObject({ messageRetentionDuration: z.string().optional() });
const agentShape = z.looseObject({ email_address: z.string() });

/** Google's own accounts that act for the project. */
interface Agents {
  pubsub: string | undefined;
  storage: string | undefined;
}

export async function lookAtAgents(
  api: GoogleApi,
  project: string,
  projectNumber: string | undefined,
): Promise<Agents> {
  const storage = await api.get(
    `https://storage.googleapis.com/storage/v1/projects/${project}/serviceAccount`,
    agentShape,
  );
  return {
    pubsub: projectNumber && `service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`,
    storage: storage.state === 'found' ? storage.value.email_address : undefined,
  };
}

/** One way into a function: topic, subscription, dead letters, and Google's accounts between them. */
export async function examineFeed(
  api: GoogleApi,
  names: Names,
  functions: DeployedFunctions,
  agents: Agents,
  feed: Feed,
): Promise<Finding[]> {
  const id = names.topic(feed);
  const [topic, subscription, deadTopic, deadLetters, grants] = await Promise.all([
    lookAtTopic(api, names, id),
    examineSubscription(api, names, functions, feed),
    lookAtTopic(api, names, names.deadLetters(feed)),
    examineDeadLetters(api, names, feed),
    examineGrants(api, names, agents, feed),
  ]);
  return orAllWell(
    [
      ...topicFindings(names, id, topic),
      ...subscription,
      ...topicFindings(names, names.deadLetters(feed), deadTopic),
      ...deadLetters,
      ...grants,
    ],
    `${id} delivers to ${names.service(feed.fn)} and puts aside what fails.`,
  );
}

const lookAtTopic = (
  api: GoogleApi,
  { project }: Names,
  id: string,
): Promise<Looked<z.infer<typeof topicShape>>> =>
  api.get(`https://pubsub.googleapis.com/v1/projects/${project}/topics/${id}`, topicShape);

function topicFindings(
  { project }: Names,
  id: string,
  looked: Looked<z.infer<typeof topicShape>>,
): Finding[] {
  switch (looked.state) {
    case 'missing':
      return [error(`There is no topic ${id}.`, APPLY)];
    case 'unseen':
      return [unseenOf(`the topic ${id}`, looked)];
    case 'found':
      return id.endsWith('-dead-letters') || looked.value.messageRetentionDuration !== undefined
        ? []
        : [
            warning(
              `The topic ${id} keeps no messages: nothing can be played back from it.`,
              `gcloud pubsub topics update ${id} --message-retention-duration=7d --project=${project}`,
            ),
          ];
  }
}

async function examineGrants(api: GoogleApi, names: Names, agents: Agents, feed: Feed): Promise<Finding[]> {
  const { project } = names;
  const topic = names.topic(feed);
  const dead = names.deadLetters(feed);
  const pushAccount = names.pushAccount(feed.fn);
  const pubsub = `https://pubsub.googleapis.com/v1/projects/${project}`;
  const [ofTopic, ofSubscription, ofDead, ofAccount] = await Promise.all([
    api.get(`${pubsub}/topics/${topic}:getIamPolicy`, policy),
    api.get(`${pubsub}/subscriptions/${topic}:getIamPolicy`, policy),
    api.get(`${pubsub}/topics/${dead}:getIamPolicy`, policy),
    api.post(
      `https://iam.googleapis.com/v1/projects/${project}/serviceAccounts/${pushAccount}:getIamPolicy`,
      policy,
      {},
    ),
  ]);
  const noAccount =
    ofAccount.state === 'missing' ? [error(`There is no service account ${pushAccount}.`, APPLY)] : [];
  return [
    ...on('topics', 'topic', topic, ofTopic, project, publishers(names, agents, feed)),
    ...on('subscriptions', 'subscription', topic, ofSubscription, project, [
      agent(agents.pubsub, 'roles/pubsub.subscriber', 'it cannot put failed messages aside'),
    ]),
    ...on('topics', 'topic', dead, ofDead, project, [
      agent(agents.pubsub, 'roles/pubsub.publisher', 'dead letters cannot arrive'),
    ]),
    ...noAccount,
    ...grantFindings(
      pushAccount,
      ofAccount,
      [
        agent(agents.pubsub, 'roles/iam.serviceAccountOpenIdTokenCreator', 'Pub/Sub cannot sign its calls'),
      ].flatMap((wanted) =>
        wanted.member
          ? [
              {
                ...wanted,
                command: `gcloud iam service-accounts add-iam-policy-binding ${pushAccount} --project=${project}`,
              },
            ]
          : [],
      ),
      `gcloud iam service-accounts remove-iam-policy-binding ${pushAccount} --project=${project}`,
    ),
  ];
}

type Draft = Omit<Wanted, 'command'>;

const agent = (email: string | undefined, role: string, without: string): Draft => ({
  member: email ? serviceAccount(email) : '',
  role,
  without,
});

function publishers(names: Names, agents: Agents, { topic }: Feed): Draft[] {
  const role = 'roles/pubsub.publisher';
  switch (topic) {
    case 'budget':
      // Google lets its notifier in when a budget is made.
      return [];
    case 'webhooks':
      return (['resize-image', 'analyze-image', 'batch'] as const).map((fn) =>
        agent(names.account(fn), role, 'webhooks wait for the schedule'),
      );
    case 'batches':
      return [agent(names.account('analyze-image'), role, 'batch jobs wait for the schedule')];
    case 'uploads':
    case 'prepared':
      return [
        ...(topic === 'prepared'
          ? [agent(names.account('batch'), role, 'what no batch answered waits for the sweep')]
          : []),
        agent(agents.storage, role, 'Cloud Storage cannot announce objects'),
        agent(names.account('sweep'), role, 'stuck pictures are not put back to work'),
      ];
  }
}

/** `what` is gcloud's group of commands, `noun` the word in sentences. */
const on = (
  what: string,
  noun: string,
  id: string,
  looked: Looked<z.infer<typeof policy>>,
  project: string,
  drafts: readonly Draft[],
): Finding[] =>
  grantFindings(
    `the ${noun} ${id}`,
    looked,
    drafts
      // Google's account is not known when the project could not be looked at, which is said elsewhere.
      .filter(({ member }) => member !== '')
      .map((draft) => ({
        ...draft,
        command: `gcloud pubsub ${what} add-iam-policy-binding ${id} --project=${project}`,
      })),
    `gcloud pubsub ${what} remove-iam-policy-binding ${id} --project=${project}`,
  );
