import { useEffect, useState } from 'preact/hooks';
import type { ProfileView } from '../../shared/results/api/profile-views.ts';
import { ProblemNote } from '../layout/problem-note.tsx';
import { ScrollArea } from '../layout/scroll-area.tsx';
import { profileHref } from '../routing/route.ts';
import { getProfilesWithUse, RequestFailed } from '../server/requests.ts';
import { count, dollars, percent } from '../wording/wording.ts';
import { NewProfile } from './new-profile.tsx';

const DAYS = 30;

/** What can be asked of a picture, how much each is used, what it costs and how often it is right. */
export const ProfilesView = () => {
  const [profiles, setProfiles] = useState<readonly ProfileView[]>();
  const [problem, setProblem] = useState<RequestFailed>();
  useEffect(() => {
    scrollTo(0, 0);
    getProfilesWithUse(DAYS).then(setProfiles, (error: unknown) => {
      if (!(error instanceof RequestFailed)) throw error;
      setProblem(error);
    });
  }, []);
  return (
    <main id="content" class="page profiles" tabIndex={-1}>
      <div class="page-head">
        <h2>Profiles</h2>
        <NewProfile taken={profiles?.map(({ name }) => name) ?? []} />
      </div>
      <p class="hint">
        A profile says what is asked of a picture and what its answer looks like. A change is taken up within
        a minute; every answer says by which version it was asked.
      </p>
      {problem && <ProblemNote problem={problem} />}
      {profiles && (
        <section class="card pad" aria-label="Profiles">
          <ScrollArea kind="scroll" label="Profiles">
            <table class="items" data-testid="profiles">
              <thead>
                <tr>
                  <th scope="col">Profile</th>
                  <th scope="col">Asks</th>
                  <th scope="col">Version</th>
                  <th scope="col">Images, {DAYS} days</th>
                  <th scope="col">Per 1,000</th>
                  <th scope="col">Right</th>
                </tr>
              </thead>
              <tbody>
                {profiles.map((profile) => (
                  <Row key={profile.name} profile={profile} />
                ))}
              </tbody>
            </table>
          </ScrollArea>
        </section>
      )}
    </main>
  );
};

const Row = ({ profile: { name, version, isDefault, prompt, use } }: { profile: ProfileView }) => (
  <tr>
    <th scope="row">
      <a href={profileHref(name)}>{name}</a>
      {isDefault && <span class="tag">default</span>}
    </th>
    <td class="asks">{prompt}</td>
    <td class="number">{version}</td>
    <td class="number">{use ? count(use.images) : '–'}</td>
    <td class="number">{use?.usdPer1000 === null || !use ? '–' : dollars(use.usdPer1000)}</td>
    <td class="number">
      {use && use.judged > 0 ? (
        <>
          {percent(use.right / use.judged)} <span class="hint">of {count(use.judged)}</span>
        </>
      ) : (
        '–'
      )}
    </td>
  </tr>
);
