import { stringify } from 'yaml';
import { nearName } from '../../shared/profiles/file/near-name.ts';
import { FIELD_TYPES } from '../../shared/profiles/file/profile-file.ts';
import { CliError } from '../failure.ts';

/** A field of a profile that is being written. */
export interface DraftField {
  name: string;
  type: keyof typeof FIELD_TYPES;
  description?: string;
  aliases?: readonly string[];
  isList?: boolean;
  nullable?: boolean;
}

const CONFIDENCE = { type: 'number', min: 0, max: 1, description: 'how sure you are of the answer' };

const ANY: DraftField = { name: 'text', type: 'text' };

/** The file of a new profile; with a field `text` where none is given. */
export function draftProfile(ask: string, fields: readonly DraftField[]): string {
  const rows = Object.fromEntries(
    (fields.length > 0 ? fields : [ANY]).map((field) => [field.name, rowOf(field)]),
  );
  const content = { prompt: ask, fields: { ...rows, confidence: CONFIDENCE } };
  return `# yaml-language-server: $schema=profile.schema.json\n${stringify(content, { lineWidth: 110 })}`;
}

function rowOf({ type, description, aliases = [], isList = false, nullable = false }: DraftField): unknown {
  const words = {
    ...(description ? { description } : {}),
    ...(aliases.length === 0 ? {} : { aliases }),
  };
  if (isList) return { listOf: type, max: 50, ...words };
  if (!nullable && Object.keys(words).length === 0) return type;
  return { type, ...(nullable ? { nullable: true } : {}), ...words };
}

/**
 * A field as it is typed: `name` or `name:type`, a `?` behind the type for what may be null, `[]` for a list:
 * `total:number?`, `tags:text[]`. @throws CliError that names the field that cannot be read
 */
export function fieldFrom(typed: string): DraftField {
  const [, name = '', type = 'text', list, nullable] =
    /^([\w-]+)(?::([\w-]+)(\[\])?(\?)?)?$/.exec(typed) ?? [];
  if (name === '')
    throw new CliError(`"${typed}" describes no field.`, {
      hint: 'Write a name, and its type behind a colon: total:number, day:date?, tags:text[]',
    });
  if (!isType(type)) {
    const meant = nearName(type, Object.keys(FIELD_TYPES));
    throw new CliError(`There is no type "${type}".`, {
      hint: meant ? `Did you mean ${meant}?` : `There are: ${Object.keys(FIELD_TYPES).join(', ')}.`,
    });
  }
  return { name, type, isList: list !== undefined, nullable: nullable !== undefined };
}

const isType = (type: string): type is DraftField['type'] => Object.hasOwn(FIELD_TYPES, type);
