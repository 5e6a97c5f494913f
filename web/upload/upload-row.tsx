import { Icon } from '../layout/icon.tsx';
import { Thumbnail } from '../results/thumbnail.tsx';
import { bytes } from '../results/wording.ts';
import { dismissUpload, retryUpload, type Upload, type UploadState } from '../state/uploads.ts';

/** A file on its way, until the pipeline has a result for it. */
export const UploadRow = ({ upload }: { upload: Upload }) => {
  const { file, profile, previewUrl, state, key } = upload;
  return (
    <li class={`row ${state.kind === 'failed' ? 'failed' : 'in-work'}`} data-testid="upload">
      <div class="row-head">
        <Thumbnail imageUrl={undefined} previewUrl={previewUrl} />
        <div class="row-text">
          <h3 class="row-name">{file.name}</h3>
          <p class="row-facts">
            <span>{profile}</span>
            <span>{bytes(file.size)}</span>
          </p>
        </div>
        <span class={`status ${state.kind === 'failed' ? 'failed' : 'queued'}`}>
          {state.kind === 'failed' && <Icon name="alert" size={14} />}
          {wordFor(state)}
        </span>
      </div>
      {state.kind === 'sending' && (
        <progress class="progress" max={1} value={state.share} aria-label={`Uploading ${file.name}`} />
      )}
      {state.kind === 'failed' && (
        <div class="failure">
          <p>
            <strong>{state.message}</strong> {state.hint}
          </p>
          <div class="buttons">
            <button type="button" class="button small" onClick={() => retryUpload(key)}>
              Try again
            </button>
            <button type="button" class="button small" onClick={() => dismissUpload(key)}>
              Dismiss
            </button>
          </div>
        </div>
      )}
    </li>
  );
};

function wordFor(state: UploadState): string {
  switch (state.kind) {
    case 'waiting':
      return 'Waiting';
    case 'sending':
      return state.share < 1 ? `Uploading ${Math.round(state.share * 100)} %` : 'Storing';
    case 'accepted':
      return 'Queued';
    case 'failed':
      return 'Not uploaded';
  }
}
