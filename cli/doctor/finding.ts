type Severity = 'error' | 'warning' | 'ok';

export interface Finding {
  severity: Severity;
  /** One sentence. */
  text: string;
  /** What fixes it: a command, or the file to edit and the command after it. */
  fix?: string;
  /** Set when nothing is known, because it could not be looked at: what that is, and why not. */
  unseen?: { subject: string; why: string };
}

/** Findings that belong together. */
export interface Topic {
  topic: string;
  findings: readonly Finding[];
}

/** Applies what the files in terraform/ say. */
export const APPLY = 'terraform -chdir=terraform apply';

/** Of the local cloud. */
export const RESTART = 'Stop npm start (Ctrl-C) and start it again: npm start';

export const ok = (text: string): Finding => ({ severity: 'ok', text });

export const warning = (text: string, fix: string): Finding => ({ severity: 'warning', text, fix });

export const error = (text: string, fix: string): Finding => ({ severity: 'error', text, fix });

/** What could not be looked at: neither in order nor broken. */
export const unseen = (subject: string, why: string, fix?: string): Finding => ({
  severity: 'warning',
  text: `Could not look at ${subject}: ${why}`,
  ...(fix === undefined ? {} : { fix }),
  unseen: { subject, why },
});

/** A rule, and what to say of whatever breaks it. */
export interface Rule {
  holds: boolean;
  otherwise: Finding;
}

export const broken = (rules: readonly Rule[]): Finding[] =>
  rules.filter(({ holds }) => !holds).map(({ otherwise }) => otherwise);

/** What is wrong, or one sentence that says that nothing is. */
export const orAllWell = (findings: readonly Finding[], allWell: string): Finding[] =>
  findings.length > 0 ? [...findings] : [ok(allWell)];

/** Says once what several looks failed for: one missing role hides many things. */
export function gathered(findings: readonly Finding[]): Finding[] {
  const groups = new Map<
    string,
    { subjects: string[]; first: Finding & Required<Pick<Finding, 'unseen'>> }
  >();
  for (const finding of findings) {
    if (!isUnseen(finding)) continue;
    const key = `${finding.unseen.why}\n${finding.fix}`;
    const group = groups.get(key) ?? { subjects: [], first: finding };
    groups.set(key, { ...group, subjects: [...new Set([...group.subjects, finding.unseen.subject])] });
  }
  const merged = [...groups.values()].map(({ subjects, first }) =>
    unseen(listed(subjects), first.unseen.why, first.fix),
  );
  return [...findings.filter((finding) => !isUnseen(finding)), ...merged];
}

const isUnseen = (finding: Finding): finding is Finding & Required<Pick<Finding, 'unseen'>> =>
  finding.unseen !== undefined;

/** `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
