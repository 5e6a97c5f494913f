import { readFileSync } from 'node:fs';

/** `account role` of each row of the table in terraform/README.md: | `account` | `role` | on what | why | */
export function documentedGrants(): Set<string> {
  const text = readFileSync('terraform/README.md', 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z_-]+)` \| `(roles\/[\w.]+)` \| [^|]+ \| [^|]+ \|$/gm)];
  return new Set(rows.map(([, account, role]) => `${account} ${role}`));
}
