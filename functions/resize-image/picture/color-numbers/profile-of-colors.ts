import type { NamedColors } from '../heic/named-colors.ts';
import { type Rgb, times } from './linear-rgb.ts';
import { lutProfile } from './lut-profile.ts';
import { gamutOf } from './primaries.ts';
import { onScreen, toneMapped } from './tone-map.ts';
import { isSrgbTransfer, type Transfer, transferOf } from './transfers.ts';

const UNSPECIFIED = 2;
const BT_709 = 1;

/** Matrices that libheif 1.23 does not read: YDzDx, ICtCp and all above (ITU-T H.273, table 4). */
const UNREAD_MATRICES = new Set([11, 14, 15, 16, 17]);

/** Video's black and white as shares of what 16 bits can hold; with fewer bits they are the same but for the last of them. */
const [VIDEO_BLACK, VIDEO_WHITE] = [0x1000 / 0xffff, 0xeb00 / 0xffff];

/** What colors are called that cannot be converted; undefined for all others. */
export function unreadColors({ primaries, transfer, matrix }: NamedColors): string | undefined {
  const known = primaries === UNSPECIFIED || gamutOf(primaries);
  if (known && transferOf(transfer) && !UNREAD_MATRICES.has(matrix)) return undefined;
  return `in colors of the kind ${primaries}/${transfer}/${matrix}`;
}

/**
 * The profile that converts pixels, as libheif decodes them, to sRGB as browsers show them; undefined where nothing is to be
 * converted. HDR is mapped to the range of a screen. Libheif leaves the range of gray pictures as it is.
 */
export function profileOfColors(colors: NamedColors): Buffer | undefined {
  const isVideoGray = colors.isGray && !colors.isFullRange;
  const primaries = colors.primaries === UNSPECIFIED ? BT_709 : colors.primaries;
  if (!isVideoGray && primaries === BT_709 && isSrgbTransfer(colors.transfer)) return undefined;
  const gamut = gamutOf(primaries);
  const transfer = transferOf(colors.transfer);
  if (!gamut || !transfer) return undefined;
  const shown = lightOf(transfer, gamut.luminance, colors.brightest);
  return lutProfile({
    channel: (v) => (isVideoGray ? within((v - VIDEO_BLACK) / (VIDEO_WHITE - VIDEO_BLACK)) : v),
    toLight: (channels) => {
      const [r, g, b] = times(gamut.toSrgb, shown(channels));
      return [within(r), within(g), within(b)];
    },
  });
}

/** Light of the screen, in the picture's own primaries. */
function lightOf({ kind, toLight }: Transfer, luminance: Rgb, brightest: number): (channels: Rgb) => Rgb {
  const light = remembering(toLight);
  const each = ([r, g, b]: Rgb): Rgb => [light(r), light(g), light(b)];
  switch (kind) {
    case 'screen':
      return each;
    case 'absolute':
      return (channels) => toneMapped(each(channels), brightest);
    case 'scene':
      return (channels) => toneMapped(onScreen(each(channels), luminance), brightest);
  }
}

/** A profile asks for 36,000 colors of only 33 different values. */
function remembering(of: (value: number) => number): (value: number) => number {
  const known = new Map<number, number>();
  return (value) => {
    const found = known.get(value) ?? of(value);
    known.set(value, found);
    return found;
  };
}

const within = (value: number): number => Math.min(1, Math.max(0, value));
