import { useState } from 'preact/hooks';
import { Confirm } from '../layout/confirm.tsx';
import { Icon } from '../layout/icon.tsx';
import { ProblemNote } from '../layout/problem-note.tsx';
import { deleteProfile } from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { readService } from '../state/service.ts';
import { useAttempt } from '../state/use-attempt.ts';

/** Asks no more picture by this profile; a roll back brings it back. */
export const DeleteProfile = ({ name, onDeleted }: { name: string; onDeleted: () => Promise<void> }) => {
  const [isAsking, setIsAsking] = useState(false);
  const { attempt, isBusy, problem } = useAttempt();
  const remove = () =>
    attempt(async () => {
      await deleteProfile(name);
      announce(`${name} was deleted.`);
      setIsAsking(false);
      await Promise.all([onDeleted(), readService()]);
    });
  return (
    <>
      <button type="button" class="button" onClick={() => setIsAsking(true)}>
        <Icon name="trash" size={16} /> Delete
      </button>
      {isAsking && (
        <Confirm
          title={`Delete the profile ${name}?`}
          action="Delete"
          isDangerous
          isBusy={isBusy}
          onConfirm={() => void remove()}
          onClose={() => setIsAsking(false)}
        >
          <p>
            No further picture is asked by it. Pictures under way finish; its versions are kept and can be
            rolled back to.
          </p>
          {problem && <ProblemNote problem={problem} />}
        </Confirm>
      )}
    </>
  );
};
