import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cutLockFile, type LockFile, lockFile, versionOf } from '../../build/lock-file.ts';

const manifest = (dependencies: Record<string, string>) => ({ name: 'one', version: '0.0.0', dependencies });

const tree = (packages: LockFile['packages']): LockFile => ({ lockfileVersion: 3, packages });

const pathsOf = (lock: LockFile) => Object.keys(lock.packages).filter((path) => path !== '');

describe('the lock file of a deployable', () => {
  it('holds the dependencies, theirs, and nothing else', () => {
    const lock = tree({
      'node_modules/a': { version: '1.0.0', dependencies: { b: '^2.0.0' } },
      'node_modules/b': { version: '2.1.0' },
      'node_modules/unrelated': { version: '9.9.9' },
    });
    expect(pathsOf(cutLockFile(lock, manifest({ a: '1.0.0' })))).toEqual([
      'node_modules/a',
      'node_modules/b',
    ]);
  });

  it('takes the version that lies nearest to the package that needs it', () => {
    const lock = tree({
      'node_modules/a': { version: '1.0.0', dependencies: { b: '^1.0.0' } },
      'node_modules/a/node_modules/b': { version: '1.5.0', dependencies: { c: '*' } },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/c': { version: '3.0.0' },
    });
    expect(pathsOf(cutLockFile(lock, manifest({ a: '1.0.0' })))).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/c',
    ]);
  });

  it('keeps the native packages of other platforms, marked optional', () => {
    const lock = tree({
      'node_modules/native': { version: '1.0.0', optionalDependencies: { 'native-linux-x64': '1.0.0' } },
      'node_modules/native-linux-x64': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
    });
    const cut = cutLockFile(lock, manifest({ native: '1.0.0' }));
    expect(cut.packages['node_modules/native-linux-x64']).toMatchObject({ optional: true, os: ['linux'] });
    expect(cut.packages['node_modules/native']).not.toHaveProperty('optional');
  });

  it('forgets which registry a package came from, and that it served development', () => {
    const lock = tree({
      'node_modules/a': { version: '1.0.0', resolved: 'https://registry.example/a.tgz', devOptional: true },
    });
    expect(cutLockFile(lock, manifest({ a: '1.0.0' })).packages['node_modules/a']).toEqual({
      version: '1.0.0',
    });
  });

  it('names the package that the project has not installed', () => {
    expect(() => versionOf(tree({}), 'sharp')).toThrow('package-lock.json holds no sharp: run npm install.');
  });

  it('carries the Linux binaries of sharp and CRC32C', () => {
    const lock = lockFile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
    const names = ['sharp', '@node-rs/crc32'];
    const cut = cutLockFile(
      lock,
      manifest(Object.fromEntries(names.map((name) => [name, versionOf(lock, name)]))),
    );
    expect(pathsOf(cut)).toEqual(
      expect.arrayContaining([
        'node_modules/@img/sharp-linux-x64',
        'node_modules/@img/sharp-libvips-linux-x64',
        'node_modules/@node-rs/crc32-linux-x64-gnu',
      ]),
    );
  });
});
