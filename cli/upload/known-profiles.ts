import { allProfiles, DEFAULT_PROFILE } from '../../shared/profiles/index.ts';
import { profileList } from '../../shared/results/api/profile-views.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { CliError } from '../failure.ts';
import { useStoredProfiles } from '../profiles/stored.ts';
import type { Target } from '../target.ts';
import { askPage } from './page.ts';

interface KnownProfile {
  name: string;
  version: number;
  isDefault: boolean;
}

/** What the pipeline can be asked, and what it will be asked of an upload. */
export class KnownProfiles {
  readonly #profiles: readonly KnownProfile[];

  constructor(profiles: readonly KnownProfile[]) {
    this.#profiles = profiles;
  }

  /** The functions of a local cloud may be older than this code, so they are asked; a deployment stores its profiles. */
  static async of(target: Pick<Target, 'page' | 'documents'>): Promise<KnownProfiles> {
    const { page } = target;
    const running = page === undefined ? undefined : await askPage(page, '/v1/profiles', profileList);
    if (running) return new KnownProfiles(running.profiles);
    await useStoredProfiles(target);
    return new KnownProfiles(
      allProfiles().map(({ name, version }) => ({ name, version, isDefault: name === DEFAULT_PROFILE })),
    );
  }

  /** @throws CliError for a profile that the running functions do not have: they would answer as another one */
  require(name: string): void {
    if (this.#named(name)) return;
    throw new CliError(`There is no profile "${name}".`, {
      hint:
        `There are: ${this.#profiles.map((profile) => profile.name).join(', ')}. ` +
        'For one that was just written: pipeline profiles push NAME.',
    });
  }

  /**
   * Whether a result answers what an upload of this object name would be asked. A version beyond ours is of functions
   * that are ahead of this code.
   */
  isAnsweredBy(objectName: string, { profile, profileVersion }: ResultDocument): boolean {
    const [folder = ''] = objectName.split('/', 1);
    const asked = this.#named(folder) ?? this.#profiles.find(({ isDefault }) => isDefault);
    return asked === undefined || (asked.name === profile && profileVersion >= asked.version);
  }

  #named(name: string): KnownProfile | undefined {
    return this.#profiles.find((profile) => profile.name === name);
  }
}
