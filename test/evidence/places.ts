import sharp from 'sharp';
import { drawBarcode } from '../local/label-pictures.ts';
import type { BarcodeFormat } from '../support/barcode.ts';

/** Shares of the height and width, 0..1. */
export interface Place {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** Of the labels that `drawLabel` makes, pixels. */
const LABEL = { width: 1200, height: 900 };
const CODE_AT = { left: 300, top: 500 };
const DARK = 128;

/** Where the dark part of a barcode really is on a label that is turned by `degrees` clockwise. */
export async function truePlaceOfCode(text: string, format: BarcodeFormat, degrees: number): Promise<Place> {
  const { data, info } = await sharp(await drawBarcode(text, format))
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < data.length; i += info.channels) {
    if ((data[i] ?? 255) >= DARK) continue;
    const pixel = i / info.channels;
    xs.push(CODE_AT.left + (pixel % info.width));
    ys.push(CODE_AT.top + Math.floor(pixel / info.width));
  }
  const ends = (values: readonly number[]) => [
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ];
  const [[left = 0, right = 0], [top = 0, bottom = 0]] = [ends(xs), ends(ys)];
  return turned({ top, left, bottom, right }, degrees);
}

/** The place of a rectangle of the label, in pixels, on the label turned about its middle. */
export function turned({ top, left, bottom, right }: Place, degrees: number): Place {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [width, height] = [
    LABEL.width * Math.abs(cos) + LABEL.height * Math.abs(sin),
    LABEL.width * Math.abs(sin) + LABEL.height * Math.abs(cos),
  ];
  const corners = [left, right].flatMap((x) =>
    [top, bottom].map((y) => [x - LABEL.width / 2, y - LABEL.height / 2]),
  );
  const xs = corners.map(([x = 0, y = 0]) => (x * cos - y * sin) / width + 0.5);
  const ys = corners.map(([x = 0, y = 0]) => (x * sin + y * cos) / height + 0.5);
  return { top: Math.min(...ys), left: Math.min(...xs), bottom: Math.max(...ys), right: Math.max(...xs) };
}

/** Intersection over union, 0..1. */
export function overlap(a: Place, b: Place): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (area(a) + area(b) - shared);
}

const area = ({ top, left, bottom, right }: Place): number => (bottom - top) * (right - left);

/** Of thousandths, as results keep them. */
export const shares = ({ top, left, bottom, right }: Place): Place => ({
  top: top / 1000,
  left: left / 1000,
  bottom: bottom / 1000,
  right: right / 1000,
});
