/** A commit as https://www.conventionalcommits.org/en/v1.0.0/ has it; others are no part of a release's notes. */
export interface Commit {
  hash: string;
  type: string;
  scope: string | undefined;
  subject: string;
  /** What breaks for users, in the commit's own words. */
  breaking: string | undefined;
}

const HEADER = /^(?<type>[a-z]+)(?:\((?<scope>[^)]+)\))?(?<bang>!)?: (?<subject>.+)$/;
const BREAKING = /^BREAKING[ -]CHANGE: ([\s\S]+?)(?=\n\n|\n[\w-]+: |$(?![\s\S]))/m;

export function parseCommit(hash: string, message: string): Commit | undefined {
  const [header = ''] = message.split('\n', 1);
  const { type, scope, bang, subject } = HEADER.exec(header)?.groups ?? {};
  if (type === undefined || subject === undefined) return undefined;
  const footer = BREAKING.exec(message)?.[1]?.replace(/\s+/g, ' ').trim();
  return { hash, type, scope, subject, breaking: footer ?? (bang ? subject : undefined) };
}

/**
 * The version after `current` by https://semver.org: what breaks raises the first number, a feature the second, the rest
 * the third. Before 1.0.0 nothing is promised yet, and what breaks raises the second.
 */
export function nextVersion(current: string, commits: readonly Commit[]): string {
  const [major = 0, minor = 0, patch = 0] = current.split('.').map(Number);
  const breaks = commits.some(({ breaking }) => breaking !== undefined);
  if (breaks && major > 0) return `${major + 1}.0.0`;
  if (breaks || commits.some(({ type }) => type === 'feat')) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

/** Types that somebody who uses it notices, in the order in which they are listed. */
const LISTED = { feat: 'Features', fix: 'Fixes', perf: 'Performance' } as const;

/** The part of a release's notes that the commits make, as Markdown; empty when there is nothing to tell. */
export function notesOf(commits: readonly Commit[]): string {
  const breaking = commits.flatMap((commit) =>
    commit.breaking === undefined ? [] : [line({ ...commit, subject: commit.breaking })],
  );
  const parts = Object.entries(LISTED).map(([type, title]) =>
    part(title, commits.filter((commit) => commit.type === type).map(line)),
  );
  return [part('Breaking changes', breaking), ...parts].filter((text) => text !== '').join('\n\n');
}

const part = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `### ${title}\n\n${lines.join('\n')}`;

const line = ({ hash, scope, subject }: Commit): string =>
  `- ${scope === undefined ? '' : `**${scope}:** `}${subject} (${hash})`;
