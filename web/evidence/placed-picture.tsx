import type { Ref } from 'preact';
import type { ValueBox } from '../../shared/results/value-boxes.ts';

interface PlacedPictureProps {
  src: string;
  alt: string;
  draggable?: boolean;
  /** Of the picture, pixels; without it nothing can be shown in it. */
  size: { width: number; height: number } | undefined;
  box: ValueBox | undefined;
  /** How much it is enlarged; lines stay as thin as they are. */
  zoom?: number;
  transform?: string;
  frame?: Ref<HTMLSpanElement>;
}

/** A picture in a frame of its own shape, so that shares of the frame are shares of the picture. */
export const PlacedPicture = (props: PlacedPictureProps) => {
  const { src, alt, draggable = true, size, box, zoom = 1, transform, frame } = props;
  const shape = size ? { '--width': `${size.width}px`, '--ratio': String(size.width / size.height) } : {};
  const moved = transform === undefined ? {} : { transform };
  return (
    <span ref={frame ?? null} class={`picture-fit ${size ? '' : 'of-unknown-shape'}`} style={shape}>
      <img src={src} alt={alt} draggable={draggable} style={moved} />
      {size && box && (
        <span class="boxes" style={{ ...moved, '--zoom': String(zoom) }}>
          <span class="box" data-testid="box" style={edges(box)} />
        </span>
      )}
    </span>
  );
};

const edges = ({ top, left, bottom, right }: ValueBox) => ({
  top: `${top / 10}%`,
  left: `${left / 10}%`,
  height: `${(bottom - top) / 10}%`,
  width: `${(right - left) / 10}%`,
});
