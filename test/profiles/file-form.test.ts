import { describe, expect, it } from 'vitest';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { type FieldForm, fieldAtLine, readForm } from '../../web/profiles/file-form.ts';
import {
  moved,
  renamed,
  withField,
  withNewField,
  without,
  withPrompt,
} from '../../web/profiles/file-text.ts';

const FILE = `# What the shop sells.
prompt: >-
  Read the label.
fields:
  # As printed.
  sku: { max: 64, description: the code }
  count: integer
  state:
    enum: [ new, used ] # no other
    nullable: true
  parts:
    max: 9
    listOf:
      fields:
        name: text
        weight: { type: number, min: 0 }
maxSide: 1024 # enough for labels
`;

const formOf = (text: string): readonly FieldForm[] => readForm(text)?.fields ?? [];
const field = (text: string, name: string): FieldForm => {
  const found = formOf(text).find((one) => one.name === name);
  if (!found) throw new Error(`no field ${name}`);
  return found;
};

describe('a profile as a form', () => {
  it('has every field with its kind and its rules, those of objects in lists too', () => {
    expect(readForm(FILE)?.prompt).toBe('Read the label.');
    expect(formOf(FILE)).toMatchObject([
      { name: 'sku', kind: 'text', max: 64, description: 'the code', required: true, nullable: false },
      { name: 'count', kind: 'integer' },
      { name: 'state', kind: 'choice', values: ['new', 'used'], nullable: true },
      { name: 'parts', kind: 'list', max: 9, entries: { kind: 'object' } },
    ]);
    expect(field(FILE, 'parts').fields).toMatchObject([
      { name: 'name', path: ['fields', 'parts', 'listOf', 'fields', 'name'] },
      { name: 'weight', kind: 'number', min: 0 },
    ]);
  });

  it('is not there while the file is no YAML, and has no fields where a JSON Schema stands', () => {
    expect(readForm('prompt: [')).toBeUndefined();
    expect(readForm('just words')).toBeUndefined();
    expect(readForm('prompt: What?\nschema: { type: object }\n')?.fields).toBeUndefined();
  });

  it('is found by a line of the file, the innermost field first', () => {
    const fields = formOf(FILE);
    expect(fieldAtLine(fields, 6)?.name).toBe('sku');
    expect(fieldAtLine(fields, 16)?.name).toBe('weight');
    expect(fieldAtLine(fields, 17)).toBeUndefined();
  });
});

describe('a change of a row', () => {
  it('keeps the comments and everything else of the file', () => {
    const text = withField(FILE, ['fields', 'count'], { min: 0, max: 100 });
    expect(text).toBe(FILE.replace('count: integer', 'count: { type: integer, min: 0, max: 100 }'));
    expect(withPrompt(FILE, 'Read it all.')).toBe(FILE.replace('Read the label.', 'Read it all.'));
  });

  it('leaves out what is said by saying nothing', () => {
    const text = withField(FILE, ['fields', 'state'], { nullable: false, required: false });
    expect(field(text, 'state')).toMatchObject({ nullable: false, required: false });
    expect(text).not.toContain('nullable');
    expect(withField(text, ['fields', 'state'], { required: true })).not.toContain('required');
  });

  it.each(['number', 'boolean', 'date', 'gtin', 'choice', 'list', 'object'] as const)(
    'of its kind to %s makes a file that can be used',
    (kind) => {
      const text = withField(FILE, ['fields', 'sku'], { kind });
      expect(field(text, 'sku')).toMatchObject({ kind, description: 'the code' });
      const read = readProfileText('goods', text);
      expect('problems' in read ? read.problems : []).toEqual([]);
    },
  );

  it('renames, moves, adds and removes, in lists of objects too', () => {
    const names = (text: string) => formOf(text).map((one) => one.name);
    expect(names(renamed(FILE, ['fields', 'count'], 'quantity'))).toEqual([
      'sku',
      'quantity',
      'state',
      'parts',
    ]);
    expect(renamed(FILE, ['fields', 'count'], 'sku')).toBe(FILE);
    expect(names(moved(FILE, ['fields', 'count'], -1))).toEqual(['count', 'sku', 'state', 'parts']);
    expect(moved(FILE, ['fields', 'sku'], -1)).toBe(FILE);
    expect(names(without(FILE, ['fields', 'state']))).toEqual(['sku', 'count', 'parts']);
    expect(names(withNewField(withNewField(FILE, ['fields']), ['fields']))).toEqual([
      'sku',
      'count',
      'state',
      'parts',
      'newField',
      'newField2',
    ]);
    const inParts = withNewField(FILE, ['fields', 'parts', 'listOf', 'fields']);
    expect(field(inParts, 'parts').fields?.map((one) => one.name)).toEqual(['name', 'weight', 'newField']);
  });

  it('takes the values of a choice', () => {
    const text = withField(FILE, ['fields', 'state'], { values: ['new', 'worn'] });
    expect(field(text, 'state').values).toEqual(['new', 'worn']);
  });
});
