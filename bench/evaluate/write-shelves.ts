import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawShelf } from './shelves.ts';

/** `node bench/evaluate/write-shelves.ts FOLDER [COUNT]`: generated shelves with their labels, for a first evaluation. */
const [folder, count = '36'] = process.argv.slice(2);
if (folder === undefined || !/^\d{1,4}$/.test(count)) {
  console.error('Usage: node bench/evaluate/write-shelves.ts FOLDER [COUNT]');
  process.exit(2);
}
await mkdir(folder, { recursive: true });
for (let seed = 1; seed <= Number(count); seed += 1) {
  const { picture, answer } = await drawShelf(seed);
  const name = join(folder, `shelf-${String(seed).padStart(3, '0')}`);
  await writeFile(`${name}.jpg`, picture);
  await writeFile(`${name}.json`, `${JSON.stringify(answer, undefined, 2)}\n`);
}
console.log(`${count} shelves in ${folder}`);
