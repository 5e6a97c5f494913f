import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../layout/icon.tsx';

/** Rows that only fly by load nothing. Milliseconds. */
const SETTLED_MS = 120;

/** A picture that failed may be there after a moment: the server was away. */
const AGAIN_MS = 5_000;
const TRIES = 3;

/** The prepared picture, before it the file itself, else a drawing: not every browser shows HEIC or TIFF. */
export const Thumbnail = ({
  imageUrl,
  previewUrl,
}: {
  imageUrl: string | undefined;
  previewUrl?: string | undefined;
}) => {
  const [broken, setBroken] = useState<string>();
  const [failures, setFailures] = useState(0);
  const [isSettled, setIsSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSettled(true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (broken === undefined || broken !== imageUrl || failures >= TRIES) return;
    const timer = setTimeout(() => setBroken(undefined), AGAIN_MS * failures);
    return () => clearTimeout(timer);
  }, [broken, imageUrl, failures]);
  const url = [imageUrl, previewUrl].find((candidate) => candidate !== undefined && candidate !== broken);
  const onError = () => {
    setBroken(url);
    setFailures(failures + 1);
  };
  return (
    <span class="thumbnail">
      {url === undefined || !isSettled ? (
        <Icon name="image" size={24} />
      ) : (
        <img src={url} alt="" loading="lazy" decoding="async" onError={onError} />
      )}
    </span>
  );
};
