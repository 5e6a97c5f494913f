import { z } from 'zod';
import { APPLY, error, type Finding, ok, warning } from './finding.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import type { Names } from './names.ts';

const release = z.looseObject({ rulesetName: z.string() });
const ruleset = z.looseObject({
  source: z.looseObject({ files: z.array(z.looseObject({ content: z.string().default('') })).default([]) }),
});

/** Browsers and phones get nothing: the rules of the database must deny all. */
export async function examineRules(api: GoogleApi, names: Names): Promise<Finding[]> {
  const base = `https://firebaserules.googleapis.com/v1/projects/${names.project}`;
  const released = await api.get(`${base}/releases/cloud.firestore/${names.database}`, release);
  if (released.state === 'unseen') return [unseenOf(`the rules of ${names.database}`, released)];
  if (released.state === 'missing')
    return [warning(`${names.database} has no rules for browsers and phones.`, APPLY)];
  const looked = await api.get(
    `https://firebaserules.googleapis.com/v1/${released.value.rulesetName}`,
    ruleset,
  );
  if (looked.state !== 'found') {
    return looked.state === 'unseen' ? [unseenOf(`the rules of ${names.database}`, looked)] : [];
  }
  const grants = looked.value.source.files
    .flatMap(({ content }) => content.replace(/\/\/.*$/gm, '').match(/\ballow\b[^;]*;/g) ?? [])
    .filter((allow) => !/:\s*if\s+false\s*;$/.test(allow));
  return grants.length === 0
    ? [ok(`${names.database} is closed to browsers and phones.`)]
    : [error(`The rules of ${names.database} let browsers and phones in.`, APPLY)];
}
