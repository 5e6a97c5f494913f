/** A corner, in pixels. */
export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Where something stands in a picture: shares of its height and width, 0..1 from the top left. */
export interface Place {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A picture that was shrunk to `width` and `height` and then turned clockwise about its middle; the canvas grew with it. */
export interface Turned extends Size {
  degrees: number;
  canvas: Size;
}

/** The upright place around corners that were found in a turned picture. */
export function placeOf(corners: readonly Point[], { width, height, degrees, canvas }: Turned): Place {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const upright = corners.map((corner) => {
    const [x, y] = [corner.x - canvas.width / 2, corner.y - canvas.height / 2];
    return { x: (x * cos + y * sin) / width + 0.5, y: (y * cos - x * sin) / height + 0.5 };
  });
  const [xs, ys] = [upright.map(({ x }) => share(x)), upright.map(({ y }) => share(y))];
  return { top: Math.min(...ys), left: Math.min(...xs), bottom: Math.max(...ys), right: Math.max(...xs) };
}

const share = (value: number): number => Math.min(1, Math.max(0, value));

/** The place around all of them. */
export const around = ([first, ...others]: readonly [Place, ...Place[]]): Place =>
  others.reduce(
    (a, b) => ({
      top: Math.min(a.top, b.top),
      left: Math.min(a.left, b.left),
      bottom: Math.max(a.bottom, b.bottom),
      right: Math.max(a.right, b.right),
    }),
    first,
  );
