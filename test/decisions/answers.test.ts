import { describe, expect, it } from 'vitest';
import { decidedEnd } from '../../shared/model/decided.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';

const yes = (noul: number) => ({ type: 'noul', noul });
const chosen = (choice: string, probabilities: Readonly<Record<string, number>>) => ({
  ...{ type: 'choice', choice, probabilities },
});

/** What comes of answers to the questions of a profile with these fields. */
function endOf(fields: string, answers: Readonly<Record<string, object>>) {
  const read = readProfileText('parcel', `prompt: Judge it.\nladder: decision\nfields:\n${fields}`);
  if ('problems' in read) throw new Error(read.problems.map(({ text }) => text).join('\n'));
  const form = composePrompt(read.profile).decisions?.form;
  if (!form) throw new Error('The profile asks for no decision.');
  const end = decidedEnd({ kind: 'answer', text: JSON.stringify(answers) }, form);
  return end.kind === 'answer' ? { ...end, answer: JSON.parse(end.text) as unknown } : end;
}

describe('fields and options that are called as what every object has', () => {
  it.each(['constructor', 'toString', 'valueOf'])('an object %s is a field like any other', (name) => {
    const end = endOf(`  ${name}: { fields: { legible: boolean } }\n`, { [`${name}.legible`]: yes(0.9) });
    expect(end).toMatchObject({ kind: 'answer', answer: { [name]: { legible: true } } });
    const inherited = Object(Reflect.get({}, name)) as object;
    expect(Object.hasOwn(inherited, 'legible')).toBe(false);
  });

  it('an option toString that was given no probability was not chosen', () => {
    const said = { kind: chosen('toString', { box: 0.6 }) };
    expect(endOf('  kind: { enum: [toString, box] }\n', said)).toMatchObject({ kind: 'unusable' });
  });
});

describe('a probability', () => {
  it.each([
    [1.0000001, 1],
    [0.9999999, 1],
    [-0.0000001, 1],
  ])('of %d is a slip of a float, and answers', (noul, probability) => {
    expect(endOf('  damaged: boolean\n', { damaged: yes(noul) })).toMatchObject({
      kind: 'answer',
      answer: { damaged: noul > 0.5 },
      confidence: probability,
      probabilities: { damaged: probability },
    });
  });

  it.each([1.00001, -0.00001])('of %d is none', (noul) => {
    expect(endOf('  damaged: boolean\n', { damaged: yes(noul) })).toMatchObject({ kind: 'unusable' });
  });
});
