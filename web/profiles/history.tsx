import { useState } from 'preact/hooks';
import { type Difference, differencesWithPictures } from '../../shared/profiles/file/differences.ts';
import type { ProfileDetails, ProfileVersionView } from '../../shared/results/api/profile-views.ts';
import { Confirm } from '../layout/confirm.tsx';
import { ProblemNote } from '../layout/problem-note.tsx';
import { getProfileVersion, rollBackProfile } from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { readService } from '../state/service.ts';
import { useAttempt } from '../state/use-attempt.ts';
import { moment } from '../wording/wording.ts';
import { DifferencesTable } from './differences-table.tsx';
import type { Draft } from './use-draft.ts';

type Opened = { version: number; found: Difference[] };

const picturedOf = ({ content, references }: ProfileVersionView) => ({ content, pictures: references });

const ACTION_WORDS: Readonly<Record<ProfileDetails['changes'][number]['action'], string>> = {
  folder: 'from the folder of profiles',
  push: 'saved',
  rollback: 'rolled back',
  delete: 'deleted',
};

/** Every version, newest first: what it changed, and the way back to it. */
export const History = ({ draft }: { draft: Draft }) => {
  const { details, edit, reload } = draft;
  const [opened, setOpened] = useState<Opened>();
  const [asking, setAsking] = useState<number>();
  const { attempt, isBusy, problem } = useAttempt();
  if (!details || details.versions.length === 0) return null;
  const { name, active, versions, changes } = details;
  const compare = (version: number) =>
    attempt(async () => {
      const picked = await getProfileVersion(name, version);
      if (active)
        setOpened({ version, found: differencesWithPictures(picturedOf(picked), picturedOf(active)) });
    });
  const load = (version: number) =>
    attempt(async () => {
      edit((await getProfileVersion(name, version)).text);
      announce(`The editor shows version ${version}.`);
    });
  const rollBack = (to: number) =>
    attempt(async () => {
      await rollBackProfile(name, to);
      announce(`${name} is asked by version ${to} again.`);
      setAsking(undefined);
      await Promise.all([reload(), readService()]);
    });
  return (
    <section class="card pad history" aria-labelledby="history-heading" data-testid="history">
      <h3 id="history-heading">History</h3>
      {problem && asking === undefined && <ProblemNote problem={problem} />}
      <ul class="waiting">
        {versions.map(({ version, at, by }) => (
          <li key={version}>
            <div>
              <span>
                Version {version} {version === active?.version && <span class="tag good">active</span>}
              </span>
              <p class="hint">
                {moment(at)}
                {by !== null && `, ${by}`}
                {changes
                  .filter((change) => change.version === version)
                  .slice(0, 1)
                  .map(({ action }) => `, ${ACTION_WORDS[action]}`)}
              </p>
            </div>
            {version !== active?.version && (
              <div class="buttons">
                {active && (
                  <button
                    type="button"
                    class="button small"
                    disabled={isBusy}
                    aria-label={`Compare version ${version} with the active one`}
                    onClick={() => void compare(version)}
                  >
                    Compare
                  </button>
                )}
                <button
                  type="button"
                  class="button small"
                  disabled={isBusy}
                  aria-label={`Edit version ${version}`}
                  onClick={() => void load(version)}
                >
                  Edit
                </button>
                <button
                  type="button"
                  class="button small"
                  disabled={isBusy}
                  aria-label={`Roll back to version ${version}`}
                  onClick={() => setAsking(version)}
                >
                  Roll back
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {opened && active && (
        <div data-testid="comparison">
          <h4>
            Version {opened.version} and version {active.version}, the active one
          </h4>
          <DifferencesTable differences={opened.found} label="Differences of the versions" />
        </div>
      )}
      {asking !== undefined && (
        <Confirm
          title={`Ask by version ${asking} again?`}
          action="Roll back"
          isBusy={isBusy}
          onConfirm={() => void rollBack(asking)}
          onClose={() => setAsking(undefined)}
        >
          <p>Pictures that come from now on are asked by it; the versions after it are kept.</p>
          {problem && <ProblemNote problem={problem} />}
        </Confirm>
      )}
    </section>
  );
};
