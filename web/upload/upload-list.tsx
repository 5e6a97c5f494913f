import type { Upload } from '../state/uploads.ts';
import { bytes, count } from '../wording/wording.ts';
import { UploadRow } from './upload-row.tsx';

/** More than these would push the results off the page. */
const MAX_SHOWN = 6;

const ORDER = { failed: 0, sending: 1, accepted: 2, waiting: 3 } as const;

/** Files on their way: those that need a person first, and for many files how far all of them are. */
export const UploadList = ({ sent }: { sent: readonly Upload[] }) => {
  const shown = sent.toSorted((a, b) => ORDER[a.state.kind] - ORDER[b.state.kind]).slice(0, MAX_SHOWN);
  const others = sent.length - shown.length;
  return (
    <section class="card uploads" aria-label="Uploads">
      {sent.length > 1 && <Overall sent={sent} />}
      <ul>
        {shown.map((upload) => (
          <UploadRow key={upload.key} upload={upload} />
        ))}
      </ul>
      {others > 0 && <p class="hint uploads-more">and {count(others)} more</p>}
    </section>
  );
};

const Overall = ({ sent }: { sent: readonly Upload[] }) => {
  const underWay = sent.filter(({ state }) => state.kind !== 'failed');
  const total = underWay.reduce((sum, { file }) => sum + file.size, 0);
  const done = underWay.reduce((sum, { file, state }) => sum + file.size * shareOf(state), 0);
  const waiting = underWay.filter(({ state }) => state.kind === 'waiting' || state.kind === 'sending').length;
  if (waiting === 0) return null;
  return (
    <div class="uploads-overall">
      <p>
        <strong>{count(waiting)}</strong> {waiting === 1 ? 'file' : 'files'} to go,{' '}
        <span class="number">
          {bytes(done)} of {bytes(total)}
        </span>
      </p>
      <progress class="progress" max={total} value={done} aria-label="All uploads" />
    </div>
  );
};

const shareOf = (state: Upload['state']): number =>
  state.kind === 'sending' ? state.share : state.kind === 'accepted' ? 1 : 0;
