import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a folder', () => {
  test('is made with those above it, also twice, and at once by several', async () => {
    const path = join(root, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(root, 'a', 'b'))]);
    await makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test.each(['/proc/x/y', '/sys/plimsoll/x', '/dev/null/x'])(
    'cannot be made at %s, and that is soon known',
    async (path) => {
      await expect(makeFolder(path)).rejects.toThrow();
    },
  );

  test('cannot be made where a file is, or below one, or along links in a circle', async () => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync(join(root, 'loop'), join(root, 'loop'));
    await expect(makeFolder(join(root, 'file'))).rejects.toThrow('is not a folder');
    await expect(makeFolder(join(root, 'file', 'x'))).rejects.toThrow('is not a folder');
    await expect(makeFolder(join(root, 'loop', 'x'))).rejects.toThrow(/ELOOP/);
  });
});
