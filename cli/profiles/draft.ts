import { stringify } from 'yaml';
import { nearName } from '../../shared/profiles/file/near-name.ts';
import { FIELD_TYPES } from '../../shared/profiles/file/profile-file.ts';
import { CliError } from '../failure.ts';

const CONFIDENCE = { type: 'number', min: 0, max: 1, description: 'how sure you are of the answer' };

/**
 * The file of a new profile. `fields` are `name` or `name:type`, a `?` behind the type for what may be null, `[]` for a
 * list: `total:number?`, `tags:text[]`. @throws CliError that names the field that cannot be read
 */
export function draftProfile(ask: string, fields: readonly string[]): string {
  const rows = Object.fromEntries((fields.length > 0 ? fields : ['text']).map(rowOf));
  const content = { prompt: ask, fields: { ...rows, confidence: CONFIDENCE } };
  return `# yaml-language-server: $schema=profile.schema.json\n${stringify(content, { lineWidth: 110 })}`;
}

function rowOf(field: string): [name: string, row: unknown] {
  const [, name = '', type = 'text', list, nullable] =
    /^([\w-]+)(?::([\w-]+)(\[\])?(\?)?)?$/.exec(field) ?? [];
  if (name === '')
    throw new CliError(`"${field}" describes no field.`, {
      hint: 'Write a name, and its type behind a colon: total:number, day:date?, tags:text[]',
    });
  if (!Object.hasOwn(FIELD_TYPES, type)) {
    const meant = nearName(type, Object.keys(FIELD_TYPES));
    throw new CliError(`There is no type "${type}".`, {
      hint: meant ? `Did you mean ${meant}?` : `There are: ${Object.keys(FIELD_TYPES).join(', ')}.`,
    });
  }
  if (list) return [name, { listOf: type, max: 50 }];
  return [name, nullable ? { type, nullable: true } : type];
}
