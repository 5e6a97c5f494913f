import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createReader } from '../../local/reader/reader.ts';

const reader = createReader();
afterAll(() => reader.close());

const fixtures = join(import.meta.dirname, '../../../shared/fixtures/barcodes');

describe.runIf(existsSync(fixtures))('photographed barcodes', () => {
  it('are read right in at least nine of ten', async () => {
    const pictures = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.png'),
    );
    let right = 0;
    for (const name of pictures) {
      const expected = readFileSync(join(fixtures, name.replace('.png', '.txt')), 'utf8').trim();
      const { codes } = await reader.read(readFileSync(join(fixtures, name)));
      if (codes.some((code) => code.text.trim() === expected)) right += 1;
    }
    expect(right / pictures.length).toBeGreaterThanOrEqual(0.9);
  });
});
