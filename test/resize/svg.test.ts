import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { colorAt } from '../support/pictures.ts';
import { failureOf, LIMITS } from './expectations.ts';

const svg = (content: string, attributes = 'width="100" height="100"', prolog = ''): Buffer =>
  Buffer.from(
    `${prolog}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`,
  );
const FIELD = '<rect width="100" height="100" fill="#0000ff"/>';

describe('a drawing', () => {
  it.each<[string, Buffer, number, number[]]>([
    ['a small one is drawn large enough to be read', svg(FIELD), 2048, [1024, 1024]],
    ['no side is longer than asked', svg(FIELD), 512, [512, 512]],
    ['a large one is drawn as large as it says', svg(FIELD, 'width="1500" height="750"'), 2048, [1500, 750]],
    ['a huge one is drawn small', svg(FIELD, 'width="9000" height="9000"'), 2048, [2048, 2048]],
    ['one with a view box only', svg(FIELD, 'viewBox="0 0 24 12"'), 2048, [1024, 512]],
    ['one without any size', svg(FIELD, ''), 2048, [1024, 1024]],
    ['a thin one', svg(FIELD, 'width="1" height="20000"'), 2048, [1, 2048]],
  ])('%s', async (_, file, maxSide, size) => {
    const result = await normalize(file, { ...LIMITS, maxSide });
    expect([result.width, result.height]).toEqual(size);
    expect((await sharp(result.bytes).metadata()).format).toBe('jpeg');
  });

  it('lies on white', async () => {
    const { bytes } = await normalize(svg('<circle cx="50" cy="50" r="10"/>'), LIMITS);
    expect(await colorAt(bytes, [0.1, 0.1])).toEqual([255, 255, 255]);
  });

  it('is recognized behind a long comment, a byte order mark and a document type', async () => {
    const prolog = `\ufeff<?xml version="1.0"?><!-- ${'license '.repeat(2000)} --><!DOCTYPE svg [<!ENTITY color "#0000ff">]>`;
    const { bytes } = await normalize(
      svg('<rect width="100" height="100" fill="&color;"/>', undefined, prolog),
      LIMITS,
    );
    const [r, g, b] = await colorAt(bytes, [0.5, 0.5]);
    expect([r < 10, g < 10, b > 245]).toEqual([true, true, true]);
  });

  it.each<[string, Buffer, string]>([
    ['that claims too many pixels', svg(FIELD, 'width="20000" height="20000"'), 'TOO_MANY_PIXELS'],
    ['that claims a size beyond counting', svg(FIELD, 'width="1e9" height="1e9"'), 'CORRUPT_IMAGE'],
    ['that claims no size at all', svg(FIELD, 'width="0" height="0"'), 'CORRUPT_IMAGE'],
    ['whose view box is next to nothing', svg(FIELD, 'viewBox="0 0 0.0001 0.0001"'), 'CORRUPT_IMAGE'],
    ['that is cut off', svg(FIELD).subarray(0, 120), 'CORRUPT_IMAGE'],
    ['that grows by entities', svg('&e9;', undefined, billionLaughs()), 'CORRUPT_IMAGE'],
  ])('%s is refused', async (_, file, code) => {
    expect((await failureOf(normalize(file, { ...LIMITS, timeLimitMs: 10_000 }))).code).toBe(code);
  });

  it('that would be drawn for hours ends at its time limit', async () => {
    const { code } = await failureOf(normalize(svg(referenceBomb(6)), { ...LIMITS, timeLimitMs: 1500 }));
    expect(code).toBe('TOO_COMPLEX');
  });
});

function billionLaughs(): string {
  const entities = ['<!ENTITY e0 "<g/><g/>">'];
  for (let i = 1; i < 10; i += 1) entities.push(`<!ENTITY e${i} "${`&e${i - 1};`.repeat(10)}">`);
  return `<!DOCTYPE svg [${entities.join('')}]>`;
}

/** 10^depth full-size fields in a few hundred bytes. */
function referenceBomb(depth: number): string {
  let defs = '<g id="a0"><rect width="100" height="100" opacity=".5"/></g>';
  for (let i = 1; i <= depth; i += 1)
    defs += `<g id="a${i}">${`<use xlink:href="#a${i - 1}"/>`.repeat(10)}</g>`;
  return `<defs>${defs}</defs><use xlink:href="#a${depth}"/>`;
}

describe('a drawing reads nothing but itself', () => {
  let server: Server;
  let folder: string;
  const requests: string[] = [];
  const RED_SVG =
    '<svg xmlns="http://www.w3.org/2000/svg" id="r" width="100" height="100"><rect width="100" height="100" fill="#ff0000"/></svg>';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'svg-safety-'));
    const red = await sharp(Buffer.from(RED_SVG)).png().toBuffer();
    await writeFile(join(folder, 'red.png'), red);
    await writeFile(join(folder, 'red.svg'), RED_SVG);
    await writeFile(join(folder, 'red.css'), 'rect { fill: #ff0000 !important }');
    await writeFile(join(folder, 'red.txt'), '<rect width="100" height="100" fill="#ff0000"/>');
    server = createServer((request, response) => {
      requests.push(request.url ?? '');
      response.end(red);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  const cases: [string, (at: string) => Buffer][] = [
    ['an image', (at) => svg(`<image href="${at}/red.png" width="100" height="100"/>`)],
    ['an xlink image', (at) => svg(`<image xlink:href="${at}/red.png" width="100" height="100"/>`)],
    ['an image of a drawing', (at) => svg(`<image href="${at}/red.svg" width="100" height="100"/>`)],
    [
      'a drawing in a data URI that refers on',
      (at) =>
        svg(
          `<image href="${dataUri(`<image href="${at}/red.png" width="100" height="100"/>`)}" width="100" height="100"/>`,
        ),
    ],
    ['a use of another file', (at) => svg(`<use href="${at}/red.svg#r"/>`)],
    [
      'a filter image',
      (at) =>
        svg(
          `<filter id="f" x="0" y="0" width="1" height="1"><feImage href="${at}/red.png"/></filter><rect width="100" height="100" fill="#fff" filter="url(#f)"/>`,
        ),
    ],
    [
      'a fill from another file',
      (at) => svg(`<rect width="100" height="100" fill="url(${at}/red.svg#r) #fff"/>`),
    ],
    [
      'an imported style',
      (at) => svg(`<style>@import url("${at}/red.css");</style><rect width="100" height="100" fill="#fff"/>`),
    ],
    [
      'a style sheet instruction',
      (at) =>
        svg(
          '<rect width="100" height="100" fill="#fff"/>',
          undefined,
          `<?xml-stylesheet href="${at}/red.css"?>`,
        ),
    ],
    [
      'an include',
      (at) => svg(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${at}/red.svg"/>`),
    ],
    [
      'an external entity',
      (at) => svg('&red;', undefined, `<!DOCTYPE svg [<!ENTITY red SYSTEM "${at}/red.txt">]>`),
    ],
    ['an external document type', (at) => svg('&red;', undefined, `<!DOCTYPE svg SYSTEM "${at}/red.txt">`)],
    [
      'a parameter entity',
      (at) => svg('', undefined, `<!DOCTYPE svg [<!ENTITY % red SYSTEM "${at}/red.txt"> %red;]>`),
    ],
  ];
  const dataUri = (content: string) => `data:image/svg+xml;base64,${svg(content).toString('base64')}`;

  /** Refusing the whole drawing is as safe as leaving the reference out. */
  async function showsRed(file: Buffer): Promise<boolean> {
    const result = await normalize(file, { ...LIMITS, maxSide: 100 }).catch(() => undefined);
    if (!result) return false;
    const [r, g] = await colorAt(result.bytes, [0.5, 0.5]);
    return r > 200 && g < 60;
  }

  it.each(cases)('%s from a file is not read', async (_, make) => {
    expect(await showsRed(make(pathToFileURL(folder).href))).toBe(false);
    expect(await showsRed(make(folder))).toBe(false);
  });

  it.each(cases)('%s over HTTP is not fetched', async (_, make) => {
    const { port } = server.address() as AddressInfo;
    expect(await showsRed(make(`http://127.0.0.1:${port}`))).toBe(false);
    expect(requests).toEqual([]);
  });

  it('shows pictures that it carries itself', async () => {
    const red = (await sharp(Buffer.from(RED_SVG)).png().toBuffer()).toString('base64');
    expect(await showsRed(svg(`<image href="data:image/png;base64,${red}" width="100" height="100"/>`))).toBe(
      true,
    );
  });
});
