import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../cli/doctor/names.ts';
import { ALWAYS } from '../../cli/doctor/project.ts';
import { EXPIRING } from '../../local/topology.ts';

describe('what pipeline doctor expects of a deployment', () => {
  const terraform = (file: string) => readFileSync(join('terraform/modules/pipeline', file), 'utf8');

  it('is every function that Terraform deploys', () => {
    const deployed = [...terraform('functions.tf').matchAll(/^ {4}"([a-z-]+)" = \{$/gm)].map(
      ([, name]) => name,
    );
    expect([...FUNCTIONS].sort()).toEqual(deployed.sort());
  });

  it('is every API that Terraform enables always', () => {
    const enabled = [...terraform('apis.tf').matchAll(/^ {6}"([a-z]+)\.googleapis\.com",$/gm)].map(
      ([, name]) => name,
    );
    expect([...ALWAYS].sort()).toEqual(enabled.sort());
  });

  it('is every collection whose documents Terraform lets expire', () => {
    const [, list = ''] =
      /"expire_at" \{\n\s+for_each = toset\(\[([^\]]*)\]/.exec(terraform('firestore.tf')) ?? [];
    expect(list.split(', ').map((name) => name.replaceAll('"', ''))).toEqual([...EXPIRING]);
  });
});
