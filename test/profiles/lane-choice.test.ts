import { describe, expect, it } from 'vitest';
import { chooseLane, objectionToLane, wishIn } from '../../shared/profiles/lane-choice.ts';

const MINUTE = 60_000;

describe('the lane of a picture', () => {
  it.each([
    ['is standard when nobody wishes another one', [{}, {}], undefined],
    ['is what the upload wishes', [{ lane: 'flex' }, {}], { asked: 'flex', patienceMs: 15 * MINUTE }],
    [
      'is what the profile says otherwise',
      [{}, { lane: 'priority' }],
      { asked: 'priority', patienceMs: 15 * MINUTE },
    ],
    ['may be standard against the profile', [{ lane: 'standard' }, { lane: 'flex' }], undefined],
    [
      'has the patience that goes with it',
      [{ lane: 'flex', patience: '2h' }],
      { asked: 'flex', patienceMs: 120 * MINUTE },
    ],
    [
      'is flex where patience is long enough',
      [{ patience: '15m' }],
      { asked: 'flex', patienceMs: 15 * MINUTE },
    ],
    [
      'is batch where patience is a day',
      [{ patience: '24h' }],
      { asked: 'batch', patienceMs: 1440 * MINUTE },
    ],
    [
      'is batch where patience is said in days',
      [{ patience: '1d' }],
      { asked: 'batch', patienceMs: 1440 * MINUTE },
    ],
    ['has a day where it is batch', [{ lane: 'batch' }], { asked: 'batch', patienceMs: 1440 * MINUTE }],
    ['is standard where patience is short', [{ patience: '30s' }, { lane: 'flex' }], undefined],
    [
      'ignores a wish that nobody knows',
      [{ lane: 'cheap' }, { lane: 'flex' }],
      { asked: 'flex', patienceMs: 15 * MINUTE },
    ],
    [
      'keeps what can be met of a wish',
      [{ lane: 'flex', patience: 'forever' }, {}],
      { asked: 'flex', patienceMs: 15 * MINUTE },
    ],
    [
      'is that of a patience beside a lane that nobody knows',
      [{ lane: 'cheap', patience: '24h' }, {}],
      { asked: 'batch', patienceMs: 1440 * MINUTE },
    ],
  ] as const)('%s', (_, wishes, choice) => {
    expect(chooseLane(...wishes)).toEqual(choice);
  });

  it.each([
    [{ lane: 'Flex' }, { lane: 'flex' }],
    [
      { lane: ' flex ', patience: '15 m' },
      { lane: 'flex', patience: '15m' },
    ],
    [{ patience: '15min' }, { patience: '15m' }],
    [{ patience: '90 Seconds' }, { patience: '90s' }],
    [{ patience: '2 hours' }, { patience: '2h' }],
    [{ patience: '1 Day' }, { patience: '1d' }],
    [{ patience: '8 days' }, { patience: '8d' }],
    [{ patience: 'soon' }, { patience: 'soon' }],
    [{ lane: '', patience: ' ' }, {}],
  ])('is read of metadata as people type it: %j', (metadata, wish) => {
    expect(wishIn(metadata)).toEqual(wish);
  });

  it.each([
    [{ lane: 'cheap' }, 'lane is none of standard, flex, batch, priority'],
    [{ patience: 'long' }, 'patience is no time'],
    [{ patience: '169h' }, 'at most a week'],
    [{ patience: '168h' }, undefined],
    [{ patience: '7d' }, undefined],
    [{ patience: '8d' }, 'at most a week'],
    [{}, undefined],
  ])('of %j says what is wrong', (wish, words) => {
    if (words === undefined) expect(objectionToLane(wish)).toBeUndefined();
    else expect(objectionToLane(wish)).toContain(words);
  });
});
