import { type Rule, warning } from './finding.ts';
import { membersOf, type Policy, serviceAccount } from './iam.ts';

/** Google's accounts that Terraform or Gemini needs and that a new project does not have. */
const AGENTS = [
  {
    service: 'pubsub',
    role: 'roles/pubsub.serviceAgent',
    without: 'grants to it are refused, and terraform apply with them',
  },
  {
    service: 'aiplatform',
    role: 'roles/aiplatform.serviceAgent',
    without: 'Vertex AI cannot fetch pictures from the bucket',
  },
] as const;

/** Google grants each of these roles when it makes the account, so a missing role tells of a missing account. */
export const serviceAgentRules = (
  project: string,
  projectNumber: string,
  granted: Policy,
  hasVertex: boolean,
): Rule[] =>
  AGENTS.filter(({ service }) => service !== 'aiplatform' || hasVertex).map(({ service, role, without }) => {
    const account = `service-${projectNumber}@gcp-sa-${service}.iam.gserviceaccount.com`;
    return {
      holds: membersOf(granted, role).includes(serviceAccount(account)),
      otherwise: warning(
        `${account} has no ${role} on the project. On a new project it does not exist yet: ${without}.`,
        `gcloud beta services identity create --service=${service}.googleapis.com --project=${project}`,
      ),
    };
  });
