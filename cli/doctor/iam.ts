import { z } from 'zod';
import { broken, error, type Finding } from './finding.ts';
import { type Looked, unseenOf } from './google-api.ts';

/** A policy of Google's IAM, of whatever resource. */
export const policy = z.looseObject({
  bindings: z
    .array(
      z.looseObject({
        role: z.string(),
        members: z.array(z.string()).default([]),
        condition: z.looseObject({ expression: z.string().default('') }).optional(),
      }),
    )
    .default([]),
});

export type Policy = z.infer<typeof policy>;

const EVERYBODY = ['allUsers', 'allAuthenticatedUsers'];

export interface Wanted {
  /** `serviceAccount:…` */
  member: string;
  role: string;
  /** What cannot be done without it: the end of "… has no roles/x: ". */
  without: string;
  /** gcloud's command without member and role. */
  command: string;
}

export const serviceAccount = (email: string): string => `serviceAccount:${email}`;

export const membersOf = ({ bindings }: Policy, role: string): string[] =>
  bindings.filter((binding) => binding.role === role).flatMap(({ members }) => members);

/** Roles that are missing on a resource, and roles that everybody has. `subject` names it, e.g. `gs://p-pictures-uploads`. */
export function grantFindings(
  subject: string,
  looked: Looked<Policy>,
  wanted: readonly Wanted[],
  removal: string,
): Finding[] {
  if (looked.state === 'missing') return [];
  if (looked.state === 'unseen') return [unseenOf(`the roles on ${subject}`, looked)];
  const missing = wanted.map(({ member, role, without, command }) => ({
    holds: membersOf(looked.value, role).includes(member),
    otherwise: error(
      `${member.replace('serviceAccount:', '')} has no ${role} on ${subject}: ${without}.`,
      `${command} --member=${member} --role=${role}`,
    ),
  }));
  const open = looked.value.bindings.flatMap(({ role, members }) =>
    members
      .filter((member) => EVERYBODY.includes(member))
      .map((member) => ({
        holds: false,
        otherwise: error(
          `${subject} is open to ${member} (${role}).`,
          `${removal} --member=${member} --role=${role}`,
        ),
      })),
  );
  return broken([...missing, ...open]);
}
