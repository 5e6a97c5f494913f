import type { Rgb } from './linear-rgb.ts';

/** White of paper and of menus in HDR, in cd/m² (ITU-R BT.2408-7). */
const PAPER_WHITE = 203;
/** Screens that HDR pictures are made on, where the file does not say what its brightest pixel is. */
const USUAL_BRIGHTEST = 1000;
/** Gamma of a whole HLG chain on a screen of 1000 cd/m² (ITU-R BT.2100-2, note 5f). */
const HLG_SYSTEM_GAMMA = 1.2;

/** HLG: from the light of the scene to that of a screen, in cd/m². */
export function onScreen(scene: Rgb, luminance: Rgb): Rgb {
  const y = scene[0] * luminance[0] + scene[1] * luminance[1] + scene[2] * luminance[2];
  const gain = USUAL_BRIGHTEST * y ** (HLG_SYSTEM_GAMMA - 1);
  return [scene[0] * gain, scene[1] * gain, scene[2] * gain];
}

/** Where the curve above paper white leaves its two tangents, as a share of the way. */
const BEND = 0.65;

/**
 * From cd/m² to 0 to 1, the brightest to 1, as Chromium does it (SMPTE ST 2094-50, reference white tone mapping): up to paper
 * white everything is darker by one factor, of half where the brightest is 1000 cd/m²; what is brighter shares the rest, along
 * a parabola. The largest channel decides for all three, so that no hue changes.
 */
export function toneMapped([r, g, b]: Rgb, brightest: number): Rgb {
  const most = Math.max(PAPER_WHITE, brightest || USUAL_BRIGHTEST) / PAPER_WHITE;
  const largest = Math.min(most, Math.max(r, g, b) / PAPER_WHITE);
  if (largest <= 0) return [0, 0, 0];
  const gain = mapped(largest, most) / largest / PAPER_WHITE;
  return [r * gain, g * gain, b * gain];
}

function mapped(light: number, most: number): number {
  const white = 1 - 0.5 * Math.min(1, Math.log(most) / Math.log(USUAL_BRIGHTEST / PAPER_WHITE));
  if (light <= 1) return light * white;
  // From (1, white) to (most, 1), bent toward where the tangents meet.
  const [x, y] = [1 + BEND * (1 / white - 1), white + BEND * (1 - white)];
  const t = crossing(1 - 2 * x + most, 2 * (x - 1), 1 - light);
  return (1 - t) ** 2 * white + 2 * t * (1 - t) * y + t ** 2;
}

/** Between 0 and 1, where a t² + b t + c is 0. */
function crossing(a: number, b: number, c: number): number {
  return (-2 * c) / (b + Math.sqrt(Math.max(0, b * b - 4 * a * c)));
}
