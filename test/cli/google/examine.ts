import { examineDeployment } from '../../../cli/doctor/deployment.ts';
import type { Finding, Topic } from '../../../cli/doctor/finding.ts';
import { GoogleApi } from '../../../cli/doctor/google-api.ts';
import type { Profile } from '../../../shared/profiles/define.ts';
import { BILLING, NOW, PROJECT } from './addresses.ts';
import { healthyDeployment } from './deployment.ts';
import { type Answers, startGoogleServer } from './server.ts';

export interface Examined {
  topics: Topic[];
  /** Those that pictures are asked by. */
  profiles: readonly Profile[];
  findings: Finding[];
  /** Whatever is not in order. */
  wrong: Finding[];
  asked: string[];
}

/** Examines a deployment that is healthy but for `change`. */
export async function examined(
  change: (answers: Answers) => void = () => {},
  options: { apiKey?: string; webhooks?: boolean } = {},
): Promise<Examined> {
  const answers = await healthyDeployment({ webhooks: options.webhooks ?? false });
  change(answers);
  const server = await startGoogleServer(answers);
  try {
    const api = new GoogleApi({ project: PROJECT, token: undefined, apiRoot: server.url });
    const { topics, profiles } = await examineDeployment(api, {
      project: PROJECT,
      name: 'pictures',
      region: undefined,
      billingAccount: BILLING,
      apiKey: options.apiKey,
      nowMs: NOW,
    });
    const findings = topics.flatMap((topic) => topic.findings);
    return {
      topics,
      profiles,
      findings,
      wrong: findings.filter(({ severity }) => severity !== 'ok'),
      asked: server.asked,
    };
  } finally {
    await server.close();
  }
}

type Json = { [key: string]: Json } & Json[] & string & number & boolean;
export type Change = (answers: Answers) => void;

/** Takes an object away. */
export const without =
  (...addresses: string[]): Change =>
  (answers) => {
    for (const address of addresses) answers.delete(address);
  };

/** Changes what Google answers at one address. */
export const changed =
  (address: string, edit: (body: Json) => void): Change =>
  (answers) => {
    const answer = answers.get(address);
    if (!answer) throw new Error(`nothing is answered at ${address}`);
    edit(answer.body as Json);
  };

/** Takes a member's role away on one resource. */
export const withoutRole = (address: string, role: string, member: RegExp): Change =>
  changed(address, (policy) => {
    const bindings = (policy as unknown as { bindings: { role: string; members: string[] }[] }).bindings;
    for (const binding of bindings)
      if (binding.role === role) binding.members = binding.members.filter((one) => !member.test(one));
  });

/** Grants a role on one resource. */
export const withRole = (address: string, role: string, member: string): Change =>
  changed(address, (policy) => {
    (policy as unknown as { bindings: unknown[] }).bindings.push({ role, members: [member] });
  });

/** Sets a field at a path such as `serviceConfig.ingressSettings`; undefined removes it. */
export const set = (address: string, path: string, value: unknown): Change =>
  changed(address, (body) => {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let at = body as unknown as Record<string, unknown>;
    for (const key of keys) at = at[key] as Record<string, unknown>;
    if (value === undefined) delete at[last];
    else at[last] = value;
  });

/** Several changes, in this order. */
export const all =
  (...changes: Change[]): Change =>
  (answers) => {
    for (const change of changes) change(answers);
  };
