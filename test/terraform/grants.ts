import { readFileSync } from 'node:fs';

const ACCOUNTS = 'terraform/modules/pipeline/accounts.tf';

interface Resource {
  type: string;
  body: string;
}

/** The roles that a function's own account has, by what they are on: `bucket uploads`, `topic resize-image`, `database` … */
export type Grants = ReadonlyMap<string, ReadonlySet<string>>;

/** What terraform/ grants each function, read from its text. */
export function grantsOfTerraform(functions: readonly string[]): Map<string, Grants> {
  const text = readFileSync(ACCOUNTS, 'utf8');
  const grants = new Map(functions.map((name) => [name, new Map<string, Set<string>>()]));
  const give = (name: string, on: string, role: string) => {
    const given = grants.get(name);
    if (!given) throw new Error(`${ACCOUNTS} grants something to ${name}, which is no function.`);
    given.set(on, (given.get(on) ?? new Set()).add(role));
  };
  for (const [, name = '', bucket, role = '', prefix] of text.matchAll(
    /\{ function = "([\w-]+)", bucket = "(\w+)", role = "([\w./]+)"(?:, prefix = "(\w+)\/")? \}/g,
  ))
    give(name, prefix === undefined ? `bucket ${bucket}` : `${prefix} in bucket ${bucket}`, role);
  for (const resource of resourcesOf(text)) {
    const role = /^ +role += "([\w./]+)"$/m.exec(resource.body)?.[1];
    const kind = ON[resource.type];
    if (role === undefined || kind === undefined) continue;
    for (const each of eachOf(resource, functions)) {
      const member = functionIn(/^ +member += (.*)$/m, resource, each);
      const on = kind.named ? functionIn(kind.named, resource, each) : undefined;
      if (member !== undefined) give(member, on === undefined ? kind.on : `${kind.on} ${on}`, role);
    }
  }
  return grants;
}

const ON: Readonly<Record<string, { on: string; named?: RegExp }>> = {
  google_project_iam_member: { on: 'project' },
  google_pubsub_topic_iam_member: { on: 'topic', named: /^ +topic += (.*)$/m },
  google_pubsub_subscription_iam_member: { on: 'dead letters', named: /^ +subscription += (.*)$/m },
  google_service_account_iam_member: { on: 'account', named: /^ +service_account_id += (.*)$/m },
};

const resourcesOf = (text: string): Resource[] =>
  [...text.matchAll(/^resource "(\w+)" "\w+" \{\n([\s\S]*?)^\}/gm)].map(([, type = '', body = '']) => ({
    type,
    body,
  }));

/** The functions that `for_each` goes through; the webhooks are counted as switched on. */
function eachOf({ body }: Resource, functions: readonly string[]): readonly (string | undefined)[] {
  const list = /^ +for_each += (.*)$/m.exec(body)?.[1];
  if (list === undefined) return [undefined];
  if (list === 'local.functions') return functions;
  return [...list.matchAll(/"([\w-]+)"/g)].map(([, name]) => name);
}

/** The function whose module a line names. */
function functionIn(line: RegExp, { body }: Resource, each: string | undefined): string | undefined {
  const value = line.exec(body)?.[1] ?? '';
  const named = /module\.function\["([\w-]+)"\]/.exec(value)?.[1];
  return named ?? (value.includes('module.function[each.key]') ? each : undefined);
}
