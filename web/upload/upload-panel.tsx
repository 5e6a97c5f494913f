import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../layout/icon.tsx';
import { announce } from '../state/announcements.ts';
import { chooseProfile, chosenProfile, profileInUse, service } from '../state/service.ts';
import { useStore } from '../state/store.ts';
import { addFiles } from '../state/uploads.ts';
import { bytes } from '../wording/wording.ts';
import { filesOf, type GatheredFiles, looksLikePicture } from './dropped-files.ts';

/** Whatever people hand over: dropped anywhere on the page, pasted, or chosen. */
export const UploadPanel = () => {
  const { status, profiles } = useStore(service);
  const profile = profileInUse({ status, profiles }, useStore(chosenProfile));
  const [leftOut, setLeftOut] = useState(0);
  const fileInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);

  const take = ({ files, leftOut: others }: GatheredFiles) => {
    setLeftOut(others);
    if (files.length > 0) addFiles(files, profile?.name ?? '', status?.maxBytes);
    else if (others > 0) announce('There is no picture in that folder.');
  };
  const isOver = useDropAndPaste(take);
  const takeChosen = (input: HTMLInputElement, isFolder: boolean) => {
    const chosen = [...(input.files ?? [])];
    const files = isFolder ? chosen.filter(looksLikePicture) : chosen;
    take({ files, leftOut: chosen.length - files.length });
    // The same file may be chosen again.
    input.value = '';
  };

  return (
    <section class="card upload" aria-labelledby="upload-heading">
      <h2 id="upload-heading">Upload pictures</h2>

      <div class="field">
        <label for="profile">Profile</label>
        <select
          id="profile"
          aria-describedby="profile-prompt"
          value={profile?.name}
          onChange={(event) => chooseProfile(event.currentTarget.value)}
        >
          {profiles.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <p id="profile-prompt" class="hint">
          {profile?.prompt}
        </p>
      </div>

      <div class={`drop ${isOver ? 'is-over' : ''}`} data-testid="drop">
        <span class="drop-icon">
          <Icon name="upload" size={26} />
        </span>
        <p class="drop-title">{isOver ? 'Let go to upload' : 'Drop pictures or folders here'}</p>
        <div class="buttons">
          <button type="button" class="button primary" onClick={() => fileInput.current?.click()}>
            Choose files
          </button>
          <button type="button" class="button" onClick={() => folderInput.current?.click()}>
            Choose folder
          </button>
        </div>
        <p class="hint">
          Or paste one. JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF or SVG
          {status && <>, up to {bytes(status.maxBytes)} each</>}.
        </p>
        <input
          ref={fileInput}
          data-testid="files"
          type="file"
          multiple
          hidden
          onChange={(event) => takeChosen(event.currentTarget, false)}
        />
        <input
          ref={folderInput}
          type="file"
          multiple
          hidden
          {...{ webkitdirectory: true }}
          onChange={(event) => takeChosen(event.currentTarget, true)}
        />
      </div>
      {leftOut > 0 && (
        <p class="hint" role="status">
          {leftOut === 1 ? 'One file that is no picture was' : `${leftOut} files that are no pictures were`}{' '}
          left out.
        </p>
      )}
    </section>
  );
};

/** The whole window takes drops and pastes; returns whether files hover over it. */
function useDropAndPaste(take: (gathered: GatheredFiles) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;

  useEffect(() => {
    const ending = new AbortController();
    const on = <K extends keyof WindowEventMap>(kind: K, listener: (event: WindowEventMap[K]) => void) =>
      window.addEventListener(kind, listener, { signal: ending.signal });
    const handOver = async (transfer: DataTransfer) => latest.current(await filesOf(transfer));

    on('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setIsOver(true);
    });
    on('dragleave', (event) => {
      if (event.relatedTarget === null) setIsOver(false);
    });
    on('drop', (event) => {
      if (!event.dataTransfer) return;
      event.preventDefault();
      setIsOver(false);
      void handOver(event.dataTransfer);
    });
    on('paste', (event) => {
      if (event.clipboardData && event.clipboardData.files.length > 0) void handOver(event.clipboardData);
    });
    return () => ending.abort();
  }, []);
  return isOver;
}
