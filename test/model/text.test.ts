import { describe, expect, it } from 'vitest';
import { cutText, wellFormed } from '../../shared/base/text.ts';

const FAMILY = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';

describe('a text that is cut', () => {
  it.each([
    ['between characters', 'abc', 2, 'ab'],
    ['not inside a surrogate pair', 'a\u{1F600}b', 2, 'a'],
    ['not inside an emoji of several code points', `a${FAMILY}b`, 6, 'a'],
    ['not between a letter and its accent', 'ae\u0301b', 2, 'a'],
    ['not at all when it is short enough', FAMILY, FAMILY.length, FAMILY],
    [
      'even where one "character" is longer than all that may stay',
      `a${'\u0301'.repeat(500)}`,
      10,
      `a${'\u0301'.repeat(9)}`,
    ],
    ['without the half of a pair that was in it', 'a\ud83d b', 4, 'a\ufffd b'],
  ])('is cut %s', (_how, text, units, expected) => {
    expect(cutText(text, units)).toBe(expected);
  });
});

describe('a value that is made well-formed', () => {
  it('keeps whole pairs, dates and numbers and has U+FFFD for each half, in texts and names at any depth', () => {
    const at = new Date(0);
    expect(wellFormed({ 'k\ud83d': ['\udc00', '\u{1F600}', { at, n: 1, none: undefined }] })).toEqual({
      'k\ufffd': ['\ufffd', '\u{1F600}', { at, n: 1, none: undefined }],
    });
  });
});
