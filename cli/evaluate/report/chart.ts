import type { Evaluation } from '../../../evaluation/evaluation.ts';
import { escaped } from '../../../shared/base/markup.ts';
import { dollars, percent } from './numbers.ts';

const WIDTH = 720;
const HEIGHT = 360;
const PAD = { left: 56, right: 24, top: 16, bottom: 44 };

interface Point {
  name: string;
  usd: number;
  score: { mean: number; low: number; high: number };
  kind: 'front' | 'beaten' | 'today' | 'recommended';
}

/** Accuracy over price as SVG: each variant with its interval, the front as a line, both ladders as diamonds. */
export function accuracyChart(evaluation: Evaluation): string {
  const points = pointsOf(evaluation);
  if (points.length === 0) return '';
  const x = scale([0, Math.max(...points.map(({ usd }) => usd)) * 1.1 || 1], [PAD.left, WIDTH - PAD.right]);
  const lows = points.map(({ score }) => score.low);
  const floor = Math.max(0, Math.floor(Math.min(...lows) * 10) / 10);
  const y = scale([Math.min(floor, 0.9), 1], [HEIGHT - PAD.bottom, PAD.top]);
  const front = points
    .filter(({ kind }) => kind === 'front')
    .sort((a, b) => a.usd - b.usd)
    .map(({ usd, score }) => `${x.at(usd).toFixed(1)},${y.at(score.mean).toFixed(1)}`);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Accuracy over price of each variant; the table below has the same figures">
${axis(x, y)}
<line class="target" x1="${PAD.left}" x2="${WIDTH - PAD.right}" y1="${y.at(evaluation.target)}" y2="${y.at(evaluation.target)}"/>
<polyline class="front" points="${front.join(' ')}"/>
${points.map((point, i) => mark(point, i, x, y, hasNeighborAbove(point, points, x, y))).join('\n')}
</svg>`;
}

function pointsOf({ variants, pareto, today, recommendation }: Evaluation): Point[] {
  return [
    ...variants.map(
      ({ id, usdPer1000, score }): Point => ({
        name: id,
        usd: usdPer1000,
        score,
        kind: pareto.includes(id) ? 'front' : 'beaten',
      }),
    ),
    ...(today
      ? [{ name: 'the ladder today', usd: today.usdPer1000, score: today.score, kind: 'today' as const }]
      : []),
    ...(recommendation
      ? [
          {
            name: 'the recommended ladder',
            usd: recommendation.ladder.usdPer1000,
            score: recommendation.ladder.score,
            kind: 'recommended' as const,
          },
        ]
      : []),
  ].filter(({ usd, score }) => Number.isFinite(usd) && Number.isFinite(score.mean));
}

interface Scale {
  at(value: number): number;
  ticks: number[];
}

function scale([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale {
  const span = to - from || 1;
  return {
    at: (value) => start + ((Math.min(to, Math.max(from, value)) - from) / span) * (end - start),
    ticks: ticksOf(from, to),
  };
}

/** Round steps, five or so. */
function ticksOf(from: number, to: number): number[] {
  const rough = (to - from) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.75) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

const axis = (x: Scale, y: Scale): string =>
  [
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${PAD.left}" x2="${WIDTH - PAD.right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/><text x="${PAD.left - 8}" y="${y.at(tick) + 4}" text-anchor="end">${(tick * 100).toFixed(0)} %</text>`,
    ),
    ...x.ticks.map(
      (tick) =>
        `<text x="${x.at(tick)}" y="${HEIGHT - PAD.bottom + 18}" text-anchor="middle">${dollars(tick)}</text>`,
    ),
    `<text x="${(PAD.left + WIDTH - PAD.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">US dollars per 1,000 pictures</text>`,
  ].join('\n');

/** Where another number would stand in the same place. */
const hasNeighborAbove = (point: Point, all: readonly Point[], x: Scale, y: Scale): boolean =>
  all.some((other) => {
    const above = y.at(point.score.mean) - y.at(other.score.mean);
    return above > 0 && above < 18 && Math.abs(x.at(other.usd) - x.at(point.usd)) < 16;
  });

function mark(
  { name, usd, score, kind }: Point,
  index: number,
  across: Scale,
  y: Scale,
  isCrowded: boolean,
): string {
  const x = across.at(usd);
  const at = y.at(score.mean);
  const said = `${name}: ${percent(score.mean)}, ${dollars(usd)} per 1,000`;
  const shape =
    kind === 'today' || kind === 'recommended'
      ? `<path d="M${x} ${at - 8}l8 8-8 8-8-8z"/>`
      : `<circle cx="${x}" cy="${at}" r="5"/>`;
  const label =
    kind === 'front' || kind === 'beaten'
      ? `<text x="${x + 9}" y="${isCrowded ? at + 16 : at - 7}">${index + 1}</text>`
      : '';
  return `<g class="${kind}"><title>${escaped(said)}</title><line x1="${x}" x2="${x}" y1="${y.at(score.low)}" y2="${y.at(score.high)}"/>${shape}${label}</g>`;
}
