import { CliError } from '../failure.ts';
import type { LocalFile } from './files.ts';

export interface NamedFile extends LocalFile {
  /** Of the object in the uploads bucket. */
  name: string;
}

interface Naming {
  /** First folder of every name; undefined leaves the choice to the pipeline. */
  profile?: string;
  /** Folders between profile and file. */
  prefix?: string;
}

/**
 * Gives every file its object name: `<profile>/<prefix>/<relative path>`.
 * @throws CliError for two files of one name: the second would replace the first
 */
export function nameFiles(files: readonly LocalFile[], { profile, prefix }: Naming): NamedFile[] {
  const folders = [profile, prefix?.replaceAll('\\', '/').replace(/^\/+|\/+$/g, '')].filter(Boolean);
  const owners = new Map<string, LocalFile>();
  return files.map((file) => {
    const name = [...folders, file.relativeName].join('/');
    const other = owners.get(name);
    if (other) {
      throw new CliError(`${other.path} and ${file.path} would both become ${name}.`, {
        hint: 'Name the folder that holds both, or send them one after the other with different --prefix.',
      });
    }
    owners.set(name, file);
    return { ...file, name };
  });
}
