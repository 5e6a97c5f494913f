export const ENVIRONMENT_FORMATS = ['shell', 'dotenv', 'json', 'powershell'] as const;

export type EnvironmentFormat = (typeof ENVIRONMENT_FORMATS)[number];

/** Variables as a shell, a `.env` file, a program or PowerShell reads them, ending in a newline. */
export function environmentText(
  variables: Readonly<Record<string, string>>,
  format: EnvironmentFormat,
): string {
  if (format === 'json') return `${JSON.stringify(variables, null, 2)}\n`;
  return Object.entries(variables)
    .map(([name, value]) => `${LINE[format](name, value)}\n`)
    .join('');
}

/** Only what is read alike by every reader of such files stands without quotes. */
const PLAIN = /^[\w./:@%+,=-]*$/;

const LINE: Readonly<Record<Exclude<EnvironmentFormat, 'json'>, (name: string, value: string) => string>> = {
  shell: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  dotenv: (name, value) => `${name}=${dotenvValue(value)}`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
};

/** Between single quotes nothing has a meaning; a value with such a quote goes between double ones. */
function dotenvValue(value: string): string {
  if (PLAIN.test(value)) return value;
  return value.includes("'") ? `"${value.replaceAll('"', '\\"')}"` : `'${value}'`;
}
