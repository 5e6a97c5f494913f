import { Icon } from '../layout/icon.tsx';
import { dismissUpload, retryUpload, type Upload, type UploadState } from '../state/uploads.ts';
import { bytes } from '../wording/wording.ts';

/** A file on its way, until the pipeline has a result for it. */
export const UploadRow = ({ upload }: { upload: Upload }) => {
  const { file, profile, state, key } = upload;
  return (
    <li class="upload-row" data-testid="upload">
      <p class="upload-name">
        <strong>{file.name}</strong>
        <span class="row-facts">
          <span>{profile}</span>
          <span>{bytes(file.size)}</span>
        </span>
      </p>
      <span class={`status ${state.kind === 'failed' ? 'failed' : 'queued'}`}>
        {state.kind === 'failed' && <Icon name="alert" size={14} />}
        {wordFor(state)}
      </span>
      {state.kind === 'sending' && (
        <progress class="progress" max={1} value={state.share} aria-label={`Uploading ${file.name}`} />
      )}
      {state.kind === 'failed' && (
        <div class="upload-trouble">
          <p>
            {state.message} <span class="muted">{state.hint}</span>
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
