import { type Command, Option } from 'commander';
import { type Cli, examples } from '../cli.ts';
import { ENVIRONMENT_FORMATS, type EnvironmentFormat, environmentText } from '../text/environment.ts';

export function registerEnv(program: Command, cli: Cli): void {
  program
    .command('env')
    .description('The variables that lead the clients of any language to this pipeline')
    .addOption(
      new Option('--format <format>', 'how to write them').choices(ENVIRONMENT_FORMATS).default('shell'),
    )
    .addHelpText(
      'after',
      examples([
        ['env', 'for a shell: eval "$(npx pipeline env)"'],
        ['env --format dotenv > .env.local', 'for node --env-file, Docker and the like'],
        ['env --format json', 'for a program'],
        ['env --format powershell', 'for PowerShell: npx pipeline env --format powershell | iex'],
      ]),
    )
    .action(async ({ format }: { format: EnvironmentFormat }) => {
      const { environment } = await cli.target();
      await cli.out.write(environmentText(environment, format));
    });
}
