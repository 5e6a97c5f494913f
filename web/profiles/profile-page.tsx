import { useEffect } from 'preact/hooks';
import { Icon } from '../layout/icon.tsx';
import { ProblemNote } from '../layout/problem-note.tsx';
import { PROFILES_HREF } from '../routing/route.ts';
import { DeleteProfile } from './delete-profile.tsx';
import { DraftOutcome } from './draft-outcome.tsx';
import { FieldsEditor } from './fields-editor.tsx';
import { FileEditor } from './file-editor.tsx';
import { History } from './history.tsx';
import { TryIt } from './try-it.tsx';
import { type Draft, useDraft } from './use-draft.ts';

/** What a new profile begins with: one question and two fields. */
const BEGINNING = `prompt: What is in the picture?

fields:
  name:
    max: 100
    description: what it is, in a few words
  confidence: { type: number, min: 0, max: 1, description: how sure you are }
`;

const NOTHING_SAID = { problems: [], warnings: [] };

/** One profile: its fields and its file, what a change comes to, a trial, its history. */
export const ProfilePage = ({ name }: { name: string }) => {
  const draft = useDraft(name, BEGINNING);
  useEffect(() => scrollTo(0, 0), []);
  const { details, problem, text, outcome, edit } = draft;
  const said = outcome ?? NOTHING_SAID;
  return (
    <main id="content" class="page profile-page" tabIndex={-1}>
      <div class="page-head">
        <a class="back" href={PROFILES_HREF}>
          <Icon name="back" size={16} /> All profiles
        </a>
      </div>
      <div class="page-head">
        <h2>
          {name} <span class="tag">{standing(draft)}</span>
          {details?.isDefault && <span class="tag">default</span>}
        </h2>
        {details?.active && !details.isDefault && <DeleteProfile name={name} onDeleted={draft.reload} />}
      </div>
      {problem && <ProblemNote problem={problem} />}
      {details && (
        <div class="editor">
          <FieldsEditor text={text} edit={edit} problems={said.problems} />
          <div class="beside">
            <FileEditor name={name} text={text} edit={edit} said={said} />
            <DraftOutcome draft={draft} />
            <TryIt name={name} draft={draft} />
          </div>
          <History draft={draft} />
        </div>
      )}
    </main>
  );
};

function standing({ details }: Draft): string {
  if (!details) return 'loading';
  if (details.active) return `version ${details.active.version}`;
  return details.versions.length > 0 ? 'deleted' : 'not saved yet';
}
