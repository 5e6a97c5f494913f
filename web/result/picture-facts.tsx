import type { ResultView } from '../../shared/results/api/result.ts';
import { PlacedPicture } from '../evidence/placed-picture.tsx';
import { useShownBox } from '../evidence/pointing.tsx';
import { Icon } from '../layout/icon.tsx';
import { bytes, count, fileNameOf } from '../wording/wording.ts';

/** The prepared picture beside what became of its pixels and bytes. */
export const PictureFacts = ({ result }: { result: ResultView }) => {
  const { source, prepared, imageUrl } = result;
  const box = useShownBox();
  return (
    <div class="picture">
      {prepared && imageUrl ? (
        <a class="picture-frame" href={imageUrl} target="_blank" rel="noreferrer">
          <PlacedPicture
            src={imageUrl}
            alt={`${fileNameOf(result)} as it was prepared`}
            size={prepared}
            box={box}
          />
        </a>
      ) : (
        <div class="picture-frame is-empty">
          <Icon name="image" size={40} />
          <span>No prepared picture</span>
        </div>
      )}
      <table class="facts">
        <thead>
          <tr>
            <td />
            <th scope="col">Original</th>
            <th scope="col">Prepared</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Format</th>
            <td>{source.format ?? source.contentType ?? '–'}</td>
            <td>{prepared ? 'jpeg' : '–'}</td>
          </tr>
          <tr>
            <th scope="row">Pixels</th>
            <td>{pixels(source)}</td>
            <td>{pixels(prepared)}</td>
          </tr>
          <tr>
            <th scope="row">Bytes</th>
            <td>{source.bytes === null ? '–' : bytes(source.bytes)}</td>
            <td>{prepared ? bytes(prepared.bytes) : '–'}</td>
          </tr>
        </tbody>
      </table>
      {source.passedOver?.map((wish) => (
        <p class="hint" key={wish}>
          Passed over: {wish}.
        </p>
      ))}
      {prepared && <p class="hint">{sentenceOn(source.bytes, prepared)}</p>}
    </div>
  );
};

const pixels = (size: { width?: number; height?: number } | undefined): string =>
  size?.width === undefined || size.height === undefined
    ? '–'
    : `${count(size.width)} × ${count(size.height)}`;

function sentenceOn(before: number | null, prepared: NonNullable<ResultView['prepared']>): string {
  if (!prepared.reencoded) return 'Small enough already: only its metadata was removed.';
  const saved = before === null || before === 0 ? 0 : Math.round((1 - prepared.bytes / before) * 100);
  const how = howPrepared(prepared);
  return saved > 0
    ? `${saved} % fewer bytes, upright and free of metadata.${how}`
    : `Upright and free of metadata.${how}`;
}

/** Nothing for results from before there was a choice. */
const howPrepared = ({ preparation, quality }: NonNullable<ResultView['prepared']>): string =>
  preparation === undefined || quality === undefined
    ? ''
    : ` ${preparation === 'fast' ? 'Fast' : 'Faithful'} preparation, JPEG quality ${quality}.`;
