import { parseArgs } from 'node:util';

/** How pictures arrive: a number under way at once, or this many a second whatever becomes of them. */
export type Level = { kind: 'closed'; concurrency: number } | { kind: 'open'; perSecond: number };

export interface LoadOptions {
  /** `local` or the base URL of a deployment's API. */
  target: string;
  /** Pictures of each level, the warm-up included. */
  images: number;
  levels: Level[];
  profile: string;
  /** Folder for report.html and report.json. */
  reportFolder: string | undefined;
  /** A result later than this does not count as goodput. Milliseconds. */
  targetMs: number;
  /** Time that the local model takes, milliseconds. */
  modelMs: number;
  /** Millions of pixels of a picture. */
  megapixels: number;
  /** The test of a deployment ends when its results have cost this much. */
  maxUsd: number;
  confirmed: boolean;
  json: boolean;
}

export const USAGE = `npm run loadtest -- [--target local|URL] [--images N] [--concurrency 10,50,200 | --rate 5/s,20/s]
  [--profile P] [--report FOLDER] [--goal-ms 10000] [--model-ms 1000] [--megapixels 12] [--max-usd 1] [--short] [--yes] [--json]
  A deployment is reached with LOADTEST_TOKEN (gcloud auth print-identity-token), if it asks for one.`;

/** What is taken where nothing is said; the short ones show in seconds that the test still works. */
const DEFAULTS = { images: '100', concurrency: '10,50,200', 'model-ms': '1000', megapixels: '12' };
const SHORT: typeof DEFAULTS = { images: '6', concurrency: '2', 'model-ms': '0', megapixels: '1' };

/** @throws Error with a sentence for people. */
export function readOptions(args: readonly string[]): LoadOptions {
  const { values: given } = parseArgs({
    args: [...args],
    options: {
      target: { type: 'string', default: 'local' },
      images: { type: 'string' },
      concurrency: { type: 'string' },
      rate: { type: 'string' },
      profile: { type: 'string', default: 'describe' },
      report: { type: 'string' },
      'goal-ms': { type: 'string', default: '10000' },
      'model-ms': { type: 'string' },
      megapixels: { type: 'string' },
      'max-usd': { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const values = { ...(given.short ? SHORT : DEFAULTS), ...given };
  if (given.concurrency !== undefined && given.rate !== undefined)
    throw new Error('Name either --concurrency (closed loop) or --rate (open loop), not both.');
  if (values.target !== 'local' && !URL.canParse(values.target))
    throw new Error(`--target is local or the address of a deployment's API, not ${values.target}.`);
  return {
    target: values.target,
    images: positive('--images', values.images),
    levels:
      values.rate === undefined
        ? numbers('--concurrency', values.concurrency).map((concurrency) => ({
            kind: 'closed',
            concurrency: Math.ceil(concurrency),
          }))
        : numbers('--rate', values.rate.replaceAll('/s', '')).map((perSecond) => ({
            kind: 'open',
            perSecond,
          })),
    profile: values.profile,
    reportFolder: values.report,
    targetMs: positive('--goal-ms', values['goal-ms']),
    modelMs: positive('--model-ms', values['model-ms'], 0),
    megapixels: positive('--megapixels', values.megapixels),
    maxUsd: positive('--max-usd', values['max-usd']),
    confirmed: values.yes,
    json: values.json,
  };
}

const numbers = (name: string, text: string): number[] => text.split(',').map((one) => positive(name, one));

function positive(name: string, text: string, least = Number.MIN_VALUE): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least)
    throw new Error(`${name}: ${text} is no such number.`);
  return value;
}

export const nameOf = (level: Level): string =>
  level.kind === 'closed' ? `${level.concurrency} under way` : `${level.perSecond} a second`;
