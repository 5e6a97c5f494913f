import { escaped } from '../../shared/base/markup.ts';

/** Charts as SVG that needs nothing from elsewhere; colors are the page's custom properties `--c0` ... and the text's. */

interface Series {
  name: string;
  values: readonly number[];
}

const WIDTH = 720;
const HEIGHT = 300;
const MARGIN = { top: 30, right: 16, bottom: 40, left: 64 };
const INNER = {
  width: WIDTH - MARGIN.left - MARGIN.right,
  height: HEIGHT - MARGIN.top - MARGIN.bottom,
};

/** A group of bars for each label, or one bar of the series on top of each other. */
export function bars(
  title: string,
  unit: string,
  labels: readonly string[],
  series: readonly Series[],
  stacked = false,
): string {
  const tops = labels.map((_, i) => {
    const values = series.map((one) => finite(one.values[i]));
    return stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  });
  const scale = niceScale(Math.max(...tops, 0));
  const slot = INNER.width / Math.max(1, labels.length);
  const width = (slot * 0.7) / (stacked ? 1 : series.length);
  const drawn = labels.flatMap((label, i) => {
    let below = 0;
    return series.map(({ name, values }, s) => {
      const value = finite(values[i]);
      const height = (value / scale.top) * INNER.height;
      const x = MARGIN.left + slot * (i + 0.15) + (stacked ? 0 : s * width);
      const y = MARGIN.top + INNER.height - height - below;
      if (stacked) below += height;
      return `<rect x="${r(x)}" y="${r(y)}" width="${r(width)}" height="${r(height)}" fill="var(--c${s})"><title>${escaped(`${label}, ${name}: ${show(value)} ${unit}`)}</title></rect>`;
    });
  });
  const names = labels.map(
    (label, i) =>
      `<text x="${r(MARGIN.left + slot * (i + 0.5))}" y="${HEIGHT - 18}" text-anchor="middle">${escaped(label)}</text>`,
  );
  return frame(
    title,
    unit,
    scale,
    [...drawn, ...names],
    series.map(({ name }) => name),
  );
}

export interface Point {
  x: number;
  y: number;
  /** Index into `groups`. */
  group: number;
}

/** Points over time, in seconds. */
export function dots(
  title: string,
  unit: string,
  groups: readonly string[],
  points: readonly Point[],
): string {
  const scale = niceScale(Math.max(...points.map(({ y }) => y), 0));
  const last = Math.max(...points.map(({ x }) => x), 1);
  const drawn = points.map(
    ({ x, y, group }) =>
      `<circle cx="${r(MARGIN.left + (x / last) * INNER.width)}" cy="${r(MARGIN.top + INNER.height * (1 - y / scale.top))}" r="2" fill="var(--c${group})" fill-opacity="0.7"/>`,
  );
  const end = `<text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 18}" text-anchor="end">${show(last)} s</text><text x="${MARGIN.left}" y="${HEIGHT - 18}">0</text>`;
  return frame(title, unit, scale, [...drawn, end], groups);
}

interface Scale {
  top: number;
  step: number;
}

/** The least of 1, 2, 2.5, 5 times a power of ten that makes at most five steps. */
export function niceScale(largest: number): Scale {
  if (!(largest > 0)) return { top: 1, step: 1 };
  const magnitude = 10 ** Math.floor(Math.log10(largest / 5));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude * 5 >= largest) ?? 10) * magnitude;
  return { top: Math.ceil(largest / step - 1e-9) * step, step };
}

function frame(
  title: string,
  unit: string,
  { top, step }: Scale,
  content: readonly string[],
  names: readonly string[],
): string {
  const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => {
    const y = r(MARGIN.top + INNER.height * (1 - (i * step) / top));
    return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke="currentColor" stroke-opacity="0.15"/><text x="${MARGIN.left - 8}" y="${y + 4}" text-anchor="end">${show(i * step)}</text>`;
  });
  const legend = names.map(
    (name, i) => `<span><i style="background:var(--c${i})"></i>${escaped(name)}</span>`,
  );
  return `<figure><figcaption>${escaped(title)} (${escaped(unit)})</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">${lines.join('')}${content.join('')}</svg><p class="legend">${legend.join('')}</p></figure>`;
}

const r = (value: number): number => Math.round(value * 10) / 10;

const finite = (value: number | undefined): number => (Number.isFinite(value) ? Number(value) : 0);

/** At most three digits that count. */
export const show = (value: number): string =>
  Number.isFinite(value)
    ? Math.abs(value) >= 100
      ? Math.round(value).toLocaleString('en-US')
      : String(Number(value.toPrecision(3)))
    : '–';
