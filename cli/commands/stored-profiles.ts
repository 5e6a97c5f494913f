import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { pushProfiles } from '../profiles/push.ts';
import {
  deleteProfile,
  diffProfile,
  exportProfiles,
  filesToImport,
  rollBackProfile,
} from '../profiles/versions.ts';

/** The commands that change or compare what a pipeline stores. */
export function registerStoredProfiles(profiles: Command, cli: Cli): void {
  profiles
    .command('push')
    .description(
      'Ask by these files from now on, without a deployment; nothing is pushed if one cannot be used',
    )
    .argument('[files...]', 'files, or names of files in profiles/; all of them when left out')
    .option('--dry-run', 'only say what would change, and what it does to the price')
    .addOption(new Option('--no-activate', 'store a version without asking by it, to try it'))
    .option('--json', 'as JSON')
    .action((files: string[], options: { dryRun?: boolean; activate: boolean; json?: boolean }) =>
      pushProfiles(cli, files, options),
    );
  profiles
    .command('diff')
    .description('What is different: the active version and the file in profiles/, or two versions or files')
    .argument('<name>', 'a profile')
    .argument('[from]', 'a version or a file; the active version when left out')
    .argument('[to]', 'a version or a file; the active version, or the file in profiles/, when left out')
    .action((name: string, from?: string, to?: string) => diffProfile(cli, name, from, to));
  profiles
    .command('rollback')
    .description('Ask by an earlier version again; brings a deleted profile back')
    .argument('<name>', 'a profile')
    .option('--to <version>', 'the one before the active version when left out')
    .action((name: string, options: { to?: string }) => rollBackProfile(cli, name, options));
  profiles
    .command('delete')
    .description('Ask no picture by this profile any more; its versions are kept')
    .argument('<name>', 'a profile')
    .action((name: string) => deleteProfile(cli, name));
  profiles
    .command('export')
    .description('Write the active versions as files, with their reference pictures')
    .argument('[names...]', 'profiles; all when left out')
    .option('--out <folder>', 'where; profiles/ of this project when left out')
    .option('--force', 'replace files that say something else')
    .action((names: string[], options: { out?: string; force?: boolean }) =>
      exportProfiles(cli, names, options),
    );
  profiles
    .command('import')
    .description('Push every profile of a folder, such as one that export wrote')
    .argument('<folder>', 'a folder of files')
    .option('--dry-run', 'only say what would change')
    .action((folder: string, options: { dryRun?: boolean }) =>
      pushProfiles(cli, filesToImport(cli, folder), { ...options, activate: true }),
    );
}
