import { afterAll, describe, expect, it } from 'vitest';
import { createReader } from '../../local/reader/reader.ts';
import { drawLabel } from '../local/label-pictures.ts';
import { overlap, truePlaceOfCode, turned } from './places.ts';

const reader = createReader();
afterAll(() => reader.close());

describe('the local reader says where it has read a code', () => {
  it.each([
    ['Code128', 0, 0.9],
    ['Code128', 90, 0.9],
    ['Code128', 180, 0.9],
    // Of bars that stand askew the decoder reports the lines that it has read, which are not the whole code.
    ['Code128', 7, 0.5],
    // Found by the second look, in a picture turned by half a quarter.
    ['Code128', 45, 0.6],
    ['QRCode', 0, 0.9],
    ['QRCode', 7, 0.9],
    ['QRCode', 270, 0.9],
  ] as const)('a %s turned by %i degrees overlaps the true one by %f', async (format, turn, floor) => {
    const label = await drawLabel({ lines: ['SHELF A-12'], barcode: { text: 'SKU-12345', format }, turn });
    const { codes } = await reader.read(label);
    const truth = await truePlaceOfCode('SKU-12345', format, turn);
    expect(codes).toHaveLength(1);
    expect(overlap(codes[0]?.place ?? { top: 0, left: 0, bottom: 0, right: 0 }, truth)).toBeGreaterThan(
      floor,
    );
  });
});

describe('the local reader says where it has read a word', () => {
  it.each([0, 7, 90, 180])('on a label turned by %i degrees', async (turn) => {
    const label = await drawLabel({ lines: ['SHELF A-12', 'SKU-12345 QTY 24'], turn });
    const { lines = [], text } = await reader.read(label);
    expect(lines.map((line) => line.map((word) => word.text).join(' ')).join('\n')).toBe(text);
    const word = lines.flat().find((one) => one.text === 'A-12');
    // Set in 60 pixels on the base line 250, behind `SHELF ` at 240.
    const truth = turned({ top: 204, left: 448, bottom: 251, right: 581 }, turn);
    expect(word && overlap(word.place, truth)).toBeGreaterThan(0.75);
  });
});
