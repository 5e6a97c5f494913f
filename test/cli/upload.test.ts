import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UPLOADS_BUCKET } from '../../local/topology.ts';
import { idOf, picture } from '../support/pipeline.ts';
import { type CliCloud, hasTerminal, jsonLines, startCliCloud, until } from './command-line.ts';

let cloud: CliCloud;
let folders = 0;

beforeAll(async () => {
  cloud = await startCliCloud();
});

afterAll(() => cloud.close());

/** A new folder below the photos with these files in it. */
async function folderOf(files: Record<string, Buffer | string>): Promise<string> {
  folders += 1;
  const folder = join(cloud.photos, `folder-${folders}`);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const names = async (prefix: string): Promise<string[]> => {
  const [files] = await cloud.storage.bucket(UPLOADS_BUCKET).getFiles({ prefix });
  return files.map(({ name }) => name);
};

const chunks = (): number => cloud.cloud.storage.operations()['resumableChunk'] ?? 0;

const generationOf = async (name: string): Promise<unknown> => {
  const [metadata] = await cloud.storage.bucket(UPLOADS_BUCKET).file(name).getMetadata();
  return metadata.generation;
};

describe('pipeline upload', () => {
  it('sends the pictures of a folder at any depth, under their profile and relative path', async () => {
    const folder = await folderOf({
      'a.jpg': await picture(1),
      'aisle 3/ü#?%.JPG': await picture(2),
      'notes.txt': 'no picture',
      '.trash/old.jpg': await picture(3),
    });
    const { code, stdout, stderr } = await cloud.run(['upload', folder, '--profile', 'moderation']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^2 files sent \(.+\) in .+\.\n$/);
    expect(code).toBe(0);
    expect(await names('moderation/')).toEqual(['moderation/a.jpg', 'moderation/aisle 3/ü#?%.JPG']);
  });

  it('always sends a file that is named itself, whatever it is called', async () => {
    const folder = await folderOf({ 'picture-without-ending': await picture(4) });
    const { code } = await cloud.run([
      'upload',
      join(folder, 'picture-without-ending'),
      '--prefix',
      '/named/',
    ]);
    expect(code).toBe(0);
    expect(await names('named/')).toEqual(['named/picture-without-ending']);
  });

  it('takes patterns that the shell did not expand', async () => {
    const folder = await folderOf({ 'x/one.png': await picture(5), 'x/two.jpg': await picture(6) });
    const { code } = await cloud.run(['upload', `${folder}/**/*.png`, '--prefix', 'pattern']);
    expect(code).toBe(0);
    expect(await names('pattern/')).toEqual(['pattern/x/one.png']);
  });

  it('records who sent a picture, and its content type', async () => {
    const folder = await folderOf({ 'mine.jpg': await picture(7) });
    await cloud.run(['upload', folder, '--uploader', 'ana@example.com', '--prefix', 'whose']);
    const [metadata] = await cloud.storage.bucket(UPLOADS_BUCKET).file('whose/mine.jpg').getMetadata();
    expect(metadata).toMatchObject({ contentType: 'image/jpeg', metadata: { uploader: 'ana@example.com' } });
  });

  it('skips what exists already with the same content, and sends what has changed', async () => {
    const folder = await folderOf({ 'same.jpg': await picture(8), 'changed.jpg': await picture(9) });
    await cloud.run(['upload', folder, '--prefix', 'again']);
    await writeFile(join(folder, 'changed.jpg'), await picture(10));
    const before = await generationOf('again/same.jpg');
    const { stdout } = await cloud.run(['upload', folder, '--prefix', 'again']);
    expect(stdout).toMatch(/^1 file sent \(.+\), 1 file there already in/);
    expect(await generationOf('again/same.jpg')).toBe(before);
  });

  it('sends it all the same with --force', async () => {
    const folder = await folderOf({ 'forced.jpg': await picture(11) });
    await cloud.run(['upload', folder]);
    const { stdout } = await cloud.run(['upload', folder, '--force']);
    expect(stdout).toMatch(/^1 file sent/);
  });

  it('waits for the results with --watch and prints a line for each', async () => {
    const folder = await folderOf({ 'one.jpg': await picture(12), 'two.jpg': await picture(13) });
    const { code, stdout } = await cloud.run(['upload', folder, '--prefix', 'watched', '--watch']);
    expect(stdout).toMatch(/✓ completed\s+watched\/one\.jpg\s+A plain area of color\. · color/);
    expect(stdout).toMatch(/✓ completed\s+watched\/two\.jpg/);
    expect(stdout).toMatch(/2 files sent \(.+\), 2 answers in/);
    expect(code).toBe(0);
  });

  it('reports with --watch also what was answered long ago', async () => {
    const folder = await folderOf({ 'known.jpg': await picture(14) });
    await cloud.run(['upload', folder, '--watch']);
    const { code, stdout } = await cloud.run(['upload', folder, '--watch', '--json']);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([
      { upload: 'there-already', id: idOf('known.jpg') },
      { id: idOf('known.jpg'), status: 'completed', answer: { caption: 'A plain area of color.' } },
    ]);
  });

  it('waits for the answer to the new version when a picture is replaced', async () => {
    const folder = await folderOf({ 'replaced.jpg': await picture(15) });
    await cloud.run(['upload', folder, '--watch']);
    await writeFile(join(folder, 'replaced.jpg'), 'no picture any more');
    const { code, stdout } = await cloud.run(['upload', folder, '--watch']);
    expect(stdout).toMatch(/✗ refused\s+replaced\.jpg/);
    expect(code).toBe(2);
  });

  it.runIf(process.platform === 'linux')(
    'ends with 1 when a file cannot be sent, and sends the others',
    async () => {
      const folder = await folderOf({ 'good.jpg': await picture(16) });
      // The kernel shows this file to everybody and lets nobody read it from the start.
      const { code, stdout, stderr } = await cloud.run([
        'upload',
        '/proc/self/mem',
        folder,
        '--prefix',
        'some',
      ]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^1 file sent \(.+\), 1 file not sent in/);
      expect(stderr).toMatch(
        /✗ some\/mem was not sent\. \/proc\/self\/mem cannot be read \(E\w+\)\.\n {2}Check/,
      );
      expect(await names('some/')).toEqual(['some/good.jpg']);
    },
  );

  it('names the setting to check when the bucket does not exist, without a stack', async () => {
    const folder = await folderOf({ 'lost.jpg': await picture(17) });
    const { code, stderr } = await cloud.run(
      ['upload', folder, '--bucket', 'no-such-bucket', '--project', 'local'],
      { env: { ...cloud.cloud.clientEnv } },
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/✗ lost\.jpg was not sent\..+\n {2}Check --bucket/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('refuses two files that would become one object', async () => {
    const folder = await folderOf({ 'a/x.jpg': await picture(18), 'b/x.jpg': await picture(19) });
    const { code, stderr } = await cloud.run(['upload', join(folder, 'a/x.jpg'), join(folder, 'b/x.jpg')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/would both become x\.jpg\.\n {2}Name the folder that holds both/);
  });

  it.each([
    [['upload', 'nowhere.jpg'], 'There is no file or folder nowhere.jpg.'],
    [['upload', '.', '--profile', 'shelves'], 'There is no profile "shelves".'],
    [['upload', '.', '--concurrency', 'many'], 'whole number from 1 to 64'],
    [['upload'], "missing required argument 'paths'"],
  ])('says what is wrong with %j', async (args, sentence) => {
    await writeFile(join(cloud.photos, 'any.jpg'), await picture(20));
    const { code, stderr } = await cloud.run(args);
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
  });

  it('continues a big file where a killed run stopped', async () => {
    const folder = await folderOf({ 'big.jpg': randomBytes(64 * 1_048_576) });
    const before = chunks();
    const first = cloud.start(['upload', folder, '--prefix', 'resumed']);
    await until(() => chunks() >= before + 4);
    first.process.kill('SIGKILL');
    await first.ended;
    const sentByFirst = chunks() - before;
    expect(sentByFirst).toBeLessThan(32);
    const second = await cloud.run(['upload', folder, '--prefix', 'resumed']);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    // 32 pieces of 2 MiB; the one under way at the kill may be sent twice.
    expect(chunks() - before).toBeLessThanOrEqual(33);
    expect(await names('resumed/')).toEqual(['resumed/big.jpg']);
  });

  it('outlasts a Storage that is away for a while', async () => {
    const folder = await folderOf({ 'patient.jpg': randomBytes(64 * 1_048_576) });
    const before = chunks();
    const running = cloud.start(['upload', folder, '--prefix', 'outage']);
    await until(() => chunks() >= before + 2);
    cloud.cloud.storage.setFault('reset');
    await new Promise((resolve) => setTimeout(resolve, 500));
    cloud.cloud.storage.setFault('none');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await names('outage/')).toEqual(['outage/patient.jpg']);
  });

  it('ends in order at Ctrl-C and says how to go on', async () => {
    const folder = await folderOf({ 'slow.jpg': await picture(22) });
    cloud.model.behave({ latencyMs: 1_900 });
    const running = cloud.start(['upload', folder, '--prefix', 'stopped', '--watch', '--json']);
    await until(() => running.stdout().includes('"upload":"sent"'));
    running.process.kill('SIGINT');
    const { code, stderr } = await running.ended;
    cloud.model.behave({ latencyMs: 0 });
    expect(stderr).toMatch(/✗ Stopped with 1 of 1 file there\.\n {2}Run the same command again/);
    expect(code).toBe(130);
  });

  it.runIf(hasTerminal)('shows a bar on a terminal and leaves only lines behind', async () => {
    const folder = await folderOf({ 'seen.jpg': await picture(23) });
    const { code, stdout } = await cloud.runOnTerminal(['upload', folder, '--prefix', 'terminal', '--watch']);
    expect(code).toBe(0);
    expect(stdout).toContain('━');
    expect(stdout).toMatch(/sent 1 of 1/);
    expect(stdout).toMatch(/completed.+terminal\/seen\.jpg/);
  });
});
