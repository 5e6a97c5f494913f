import { seededRandom } from '../shared/base/seeded-random.ts';
import {
  atLeast,
  atMost,
  type BenchOptions,
  figure,
  type Report,
  readFlags,
  report,
  shown,
} from './report.ts';
import type { Picture } from './story/ask.ts';
import { type Contender, type Outcome, play } from './story/contenders.ts';
import { drawSet } from './story/shelf.ts';
import { type Conditions, WORLD } from './story/world.ts';

const CONTENDERS: readonly Contender[] = [
  'naive',
  'resized',
  'fixed backoff',
  'ours',
  'ours, 10 % unsure at first',
];

/** What the scripts' authors published of their own before and after. */
const PUBLISHED = 'published: 12.4 -> 2.8 s, 82 -> 99.8 % success, 4.2 MB -> 380 KB, $12 -> $4.80 per 1000';

const SLOW: Conditions = { megabits: 7, retryDelaySeconds: 0.5 };
const CLOUD: Conditions = { megabits: 2_000, retryDelaySeconds: 0.5 };
/** As a used-up minute of the free tier answers. */
const STRICT: Conditions = { megabits: 7, retryDelaySeconds: 10 };

/** The numbers our users know: their scripts and ours against the same simulated Gemini and uplink. */
async function run(options: BenchOptions): Promise<Report> {
  const set = await drawSet(options.short ? 1 : 12, options.progress);
  const pictures = draw(set.pictures, options.short ? 200 : 5_000);
  const slow = await playAll(pictures, SLOW, CONTENDERS, options);
  const cloud = await playAll(pictures, CLOUD, CONTENDERS, options);
  const strict = await playAll(pictures, STRICT, ['fixed backoff', 'ours'], options);
  const [ours, fixed] = [slow.get('ours'), slow.get('fixed backoff')];
  if (!ours || !fixed) throw new Error('Nobody played.');
  const figures = [
    ...[...slow].flatMap(([name, outcome]) => outcomeFigures(`${name}, ${SLOW.megabits} Mbit/s`, outcome)),
    atMost('ours: mean on the slow uplink, retries included', ours.meanMs / 1000, 2.8, 's'),
    atMost("ours: p95, of the fixed backoff's", ours.p95Ms / fixed.p95Ms, 1, 'x'),
    atLeast('ours: success within the deadline', ours.withinDeadline * 100, 99.9, '%'),
    atLeast('ours: success eventually', ours.eventually * 100, 100, '%'),
    atMost('ours: median payload', ours.medianPayloadBytes / 1000, 400, 'KB'),
    atLeast(
      'codes still read in the prepared pictures',
      (set.stillRead / set.readInOriginals) * 100,
      99,
      '%',
    ),
    atMost('ours: cost', ours.usdPer1000, 1.3, 'USD per 1000'),
    ...[...cloud].flatMap(([name, outcome]) =>
      outcomeFigures(`${name}, ${CLOUD.megabits / 1000} Gbit/s`, outcome),
    ),
    ...[...strict].flatMap(([name, outcome]) =>
      outcomeFigures(
        `${name}, ${STRICT.megabits} Mbit/s, asked to wait ${STRICT.retryDelaySeconds} s`,
        outcome,
      ),
    ),
  ];
  return {
    ...report('story', options, figures, notes(set.readInOriginals, cloud)),
    command: 'npm run bench:story -- --json',
  };
}

/** The set over and over in a fixed order, with some originals that are too large for any request. */
function draw(set: readonly Picture[], count: number): Picture[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_, i) => {
    const picture = set[i % set.length];
    if (!picture) throw new Error('The set is empty.');
    return random() < WORLD.hugeShare ? { ...picture, originalBytes: WORLD.hugeBytes } : picture;
  });
}

async function playAll(
  pictures: readonly Picture[],
  conditions: Conditions,
  contenders: readonly Contender[],
  { progress }: BenchOptions,
): Promise<Map<Contender, Outcome>> {
  const outcomes = new Map<Contender, Outcome>();
  for (const contender of contenders) {
    const outcome = await play(contender, pictures, conditions, seededRandom(42));
    outcomes.set(contender, outcome);
    progress(`${conditions.megabits} Mbit/s, ${contender}: mean ${(outcome.meanMs / 1000).toFixed(2)} s`);
  }
  return outcomes;
}

const outcomeFigures = (name: string, outcome: Outcome) => [
  figure(`${name}: mean`, outcome.meanMs / 1000, 's'),
  figure(`${name}: p95`, outcome.p95Ms / 1000, 's'),
  figure(`${name}: success within ${WORLD.deadlineMs / 1000} s`, outcome.withinDeadline * 100, '%'),
  figure(`${name}: success eventually`, outcome.eventually * 100, '%'),
  figure(`${name}: payload, median`, outcome.medianPayloadBytes / 1000, 'KB'),
  figure(`${name}: payload, p95`, outcome.p95PayloadBytes / 1000, 'KB'),
  figure(`${name}: cost`, outcome.usdPer1000, 'USD per 1000'),
  figure(`${name}: calls per picture`, outcome.callsPerPicture, ''),
];

function notes(codes: number, cloud: ReadonlyMap<Contender, Outcome>): string[] {
  const saved = ((cloud.get('naive')?.meanMs ?? 0) - (cloud.get('resized')?.meanMs ?? 0)) / 1000;
  return [
    PUBLISHED,
    `assumed: ${JSON.stringify({ ...WORLD, retryDelaySeconds: SLOW.retryDelaySeconds })}`,
    `Time is simulated; guard, router, ladder, profile and prices are the deployed ones. ${codes} codes in the originals.`,
    'Latency: from taking up the picture to its answer, of those answered; the slow uplink carries the model calls. An upload of the original to the bucket over that same uplink takes 4.8 s more, which nothing here shortens.',
    `Inside the cloud the smaller picture alone changes the mean by ${saved.toFixed(2)} s: bytes hardly matter there.`,
  ];
}

if (import.meta.main) {
  const flags = readFlags(process.argv.slice(2));
  const told = await run({ short: flags.short, progress: (line) => console.error(line) });
  console.log(shown(told, flags));
}
