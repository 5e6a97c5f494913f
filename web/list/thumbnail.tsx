import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../layout/icon.tsx';

/** Rows that only fly by load nothing. Milliseconds. */
const SETTLED_MS = 120;

/** The prepared picture, before it the file itself, else a drawing: not every browser shows HEIC or TIFF. */
export const Thumbnail = ({
  imageUrl,
  previewUrl,
}: {
  imageUrl: string | undefined;
  previewUrl?: string | undefined;
}) => {
  const [broken, setBroken] = useState<string>();
  const [isSettled, setIsSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSettled(true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, []);
  const url = [imageUrl, previewUrl].find((candidate) => candidate !== undefined && candidate !== broken);
  return (
    <span class="thumbnail">
      {url === undefined || !isSettled ? (
        <Icon name="image" size={24} />
      ) : (
        <img src={url} alt="" loading="lazy" decoding="async" onError={() => setBroken(url)} />
      )}
    </span>
  );
};
