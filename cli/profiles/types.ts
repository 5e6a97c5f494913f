import type { Profile } from '../../shared/profiles/define.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { zodSource } from '../../shared/profiles/schema/zod-source.ts';

/** A module with the zod schema and the type of each profile's answer. */
export function answerTypes(profiles: readonly Pick<Profile, 'name' | 'schema'>[]): string {
  const schemas = profiles.map(
    ({ name, schema }) =>
      `/** What the profile ${name} answers. */\nconst ${identifierOf(name)} = ${zodSource(compileZod(schema).shape)};\n`,
  );
  const entries = profiles.map(({ name }) => {
    const identifier = identifierOf(name);
    return identifier === name ? `  ${name},\n` : `  '${name}': ${identifier},\n`;
  });
  return [
    '// Written by `pipeline profiles types`: change the profile and write it again.\n',
    "import { z } from 'zod';\n\n",
    `${schemas.join('\n')}\n`,
    "/** The schema of each profile's answer, by name. */\n",
    `export const ANSWERS = {\n${entries.join('')}} as const;\n\n`,
    'export type ProfileName = keyof typeof ANSWERS;\n\n',
    "/** The answer of a profile: `AnswerOf<'inventory'>`. */\n",
    'export type AnswerOf<P extends ProfileName> = z.infer<(typeof ANSWERS)[P]>;\n\n',
    'export const isProfileName = (name: string): name is ProfileName => Object.hasOwn(ANSWERS, name);\n',
  ].join('');
}

/** `shelf-labels` as `shelfLabels`. */
const identifierOf = (name: string): string =>
  name.replace(/-+(.)?/g, (_, letter = '') => letter.toUpperCase());
