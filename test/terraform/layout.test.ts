import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { derivedFiles } from '../../build/terraform-root.ts';
import { FLAT_LAYOUT } from './flat-layout.ts';

const root = 'terraform';
const pipeline = join(root, 'modules', 'pipeline');

const textOf = (folder: string): string =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.tf'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');

/** Resources and modules that the files of a folder declare, by address. */
const declared = (text: string): string[] =>
  [...text.matchAll(/^(?:resource "(\w+)" "(\w+)"|module "(\w+)") \{$/gm)].map(([, type, name, module]) =>
    module === undefined ? `${type}.${name}` : `module.${module}`,
  );

const moves = (text: string): { from: string; to: string }[] =>
  [...text.matchAll(/^moved \{\n +from = (\S+)\n +to +=\s+(\S+)\n\}/gm)].map(([, from = '', to = '']) => ({
    from,
    to,
  }));

const withoutKey = (address: string): string => address.replace(/\[.*$/, '');

describe('the guard', () => {
  it('depends on every other resource of the pipeline, so that it refuses before anything is destroyed', () => {
    const [, list = ''] =
      /resource "terraform_data" "guard" \{[\s\S]*?depends_on = \[([^\]]*)\]/.exec(textOf(pipeline)) ?? [];
    const held = list.split(',').map((line) => line.trim());
    const all = declared(textOf(pipeline)).filter((address) => address !== 'terraform_data.guard');
    expect(all.length).toBeGreaterThan(40);
    expect(held.filter(Boolean).sort()).toEqual([...new Set(all)].sort());
  });
});

describe('the folder terraform', () => {
  it('is as the module says', async () => {
    for (const [file, text] of await derivedFiles())
      expect(readFileSync(join(root, file), 'utf8'), `${file}: run npm run build:terraform`).toBe(text);
  });

  it('makes nothing but the module', () => {
    expect(declared(textOf(root))).toEqual(['module.pipeline']);
  });

  it('has no file of tests where OpenTofu would read it to initialize', () => {
    for (const folder of [root, pipeline]) {
      expect(readdirSync(folder)).not.toContain('tests');
      expect(readdirSync(folder).filter((file) => file.includes('.tftest.'))).toEqual([]);
    }
  });
});

describe('the module', () => {
  it('has no provider blocks: they are passed in', () => {
    for (const folder of [pipeline, join(root, 'modules', 'stage')])
      expect(textOf(folder)).not.toMatch(/^provider "/m);
  });
});

describe('a subscription that there is', () => {
  it('is never made anew for another filter, which would lose the messages that wait in it', () => {
    const stage = textOf(join(root, 'modules', 'stage'));
    const filtered = [
      ...stage.matchAll(/^resource "google_pubsub_subscription" "(\w+)" \{\n([\s\S]*?)^\}/gm),
    ].filter(([, , body = '']) => /^ {2}filter +=/m.test(body));
    expect(filtered.map(([, name]) => name)).toEqual(['push', 'smoke']);
    for (const [, name, body] of filtered) expect(body, name).toMatch(/ignore_changes = \[filter\]/);
  });
});

describe('what is made', () => {
  it('of sources is made of the very generation that was uploaded', () => {
    expect(textOf(join(root, 'modules', 'stage'))).toMatch(
      /storage_source \{[^}]*generation = google_storage_bucket_object\.source\.generation/,
    );
  });

  it('of grants on a key waits for the APIs whose accounts are granted it', () => {
    const [grant = ''] =
      /resource "google_kms_crypto_key_iam_member"[\s\S]*?^\}/m.exec(textOf(pipeline)) ?? [];
    expect(grant).toContain('depends_on = [google_project_service.required]');
  });
});

describe('the announcement of objects', () => {
  it('begins when somebody listens, and minutes after it was granted', () => {
    const [, needs = ''] =
      /resource "google_storage_notification" "objects" \{[\s\S]*?depends_on = \[([^\]]*)\]/.exec(
        textOf(join(root, 'modules', 'stage')),
      ) ?? [];
    expect(needs.split(', ').sort()).toEqual([
      'google_pubsub_subscription.push',
      'google_pubsub_topic_iam_member.storage_publishes',
    ]);
  });
});

describe('the state of a deployment from before the module', () => {
  const own = moves(textOf(pipeline));
  const atRoot = moves(textOf(root));
  const forgotten = [...textOf(root).matchAll(/^removed \{\n +from = (\S+)\n[\s\S]*?destroy = false/gm)].map(
    ([, from = '']) => from,
  );

  it('finds every resource in the module, or is told to forget it', () => {
    const lost = FLAT_LAYOUT.filter(
      (address) => !forgotten.includes(address) && !atRoot.some(({ from }) => from === address),
    );
    expect(lost).toEqual([]);
  });

  it('is moved to resources that there are', () => {
    const there = declared(textOf(pipeline));
    const targets = [
      ...atRoot.map(({ to }) => to.replace('module.pipeline.', '')),
      ...own.map(({ to }) => to),
    ];
    expect(targets.length).toBeGreaterThan(40);
    expect(targets.map(withoutKey).filter((address) => !there.includes(address))).toEqual([]);
  });
});
