import { useState } from 'preact/hooks';
import { Confirm } from '../layout/confirm.tsx';
import { Icon } from '../layout/icon.tsx';
import { go, profileHref } from '../routing/route.ts';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** Asks for a name and opens the editor on a file of that name. */
export const NewProfile = ({ taken }: { taken: readonly string[] }) => {
  const [isAsking, setIsAsking] = useState(false);
  const [name, setName] = useState('');
  const objection = name === '' ? undefined : objectionTo(name, taken);
  const open = () => {
    if (name !== '' && objection === undefined) go(profileHref(name));
  };
  return (
    <>
      <button type="button" class="button primary" onClick={() => setIsAsking(true)}>
        <Icon name="plus" size={16} /> New profile
      </button>
      {isAsking && (
        <Confirm
          title="What is the new profile called?"
          action="Go on"
          isBusy={name === '' || objection !== undefined}
          onConfirm={open}
          onClose={() => setIsAsking(false)}
        >
          <label class="field">
            <span>Name, also the first folder of its uploads</span>
            <input
              class="text-input"
              autocomplete="off"
              spellcheck={false}
              placeholder="receipt"
              value={name}
              aria-invalid={objection !== undefined}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
              onKeyDown={(event) => event.key === 'Enter' && open()}
            />
          </label>
          {objection && <p class="hint trouble">{objection}</p>}
        </Confirm>
      )}
    </>
  );
};

function objectionTo(name: string, taken: readonly string[]): string | undefined {
  if (!NAME.test(name)) return 'Lower-case letters, digits and dashes, at most 40; the first is a letter.';
  return taken.includes(name) ? 'There is a profile of that name already.' : undefined;
}
