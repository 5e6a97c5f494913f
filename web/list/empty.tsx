import { gcloudUpload } from '../../shared/cloud/storage/gcloud.ts';
import { CopyButton } from '../layout/copy-button.tsx';
import { Icon } from '../layout/icon.tsx';
import { chosenProfile, profileInUse, service } from '../state/service.ts';
import { useStore } from '../state/store.ts';
import { setFilter } from './list.ts';

/** What to do when there is nothing yet. */
export const NothingYet = () => {
  const known = useStore(service);
  const profile = profileInUse(known, useStore(chosenProfile))?.name ?? 'describe';
  const bucket = known.status?.uploadsBucket ?? 'uploads';
  const endpoint = known.status?.storageEndpoint ?? null;
  return (
    <div class="card empty">
      <span class="empty-icon">
        <Icon name="image" size={34} />
      </span>
      <h3>No pictures yet</h3>
      <p>
        Drop a few on this page, or upload them from a terminal. Each appears here within a second and shows
        its way to the answer.
      </p>
      {known.status?.sees === 'own' && (
        <p>You see the pictures that you upload on this page or by the API; operators see all of them.</p>
      )}
      <Command text={gcloudUpload(bucket, profile, endpoint)} what="the gcloud command" />
      <Command
        text={`npm run pipeline -- upload photos/ --profile ${profile}`}
        what="the command of the pipeline"
      />
    </div>
  );
};

const Command = ({ text, what }: { text: string; what: string }) => (
  <div class="command">
    <code>{text}</code>
    <CopyButton text={text} what={what} />
  </div>
);

export const NothingFits = () => (
  <div class="card empty">
    <h3>No result fits the filter</h3>
    <p>There are results, but none of this kind.</p>
    <button type="button" class="button" onClick={() => setFilter({})}>
      Show all
    </button>
  </div>
);
