import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../model/errors.ts';
import { createRunDirectory, writeArtifact } from './run-directory.ts';

let outDir: string;
beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), 'plimsoll-store-'));
});
afterEach(() => {
  rmSync(outDir, { recursive: true, force: true });
});

const request = (id: string, suite = 'shop') => ({
  outDir,
  suite,
  profile: 'smoke',
  startedAt: new Date('2026-03-14T09:05:07.800Z'),
  id,
});

describe('createRunDirectory', () => {
  test('names the folder by profile, UTC time and short id, and points latest at it', async () => {
    const path = await createRunDirectory(request('0f9d3c1a-77b2-4c55'));
    expect(path).toBe(join(outDir, 'shop', 'smoke-20260314-090507-0f9d3c1a'));
    expect(readlinkSync(join(outDir, 'shop', 'latest'))).toBe('smoke-20260314-090507-0f9d3c1a');
  });

  test('a later run replaces latest and leaves no temporary link', async () => {
    await createRunDirectory(request('aaaaaaaa'));
    await createRunDirectory(request('bbbbbbbb'));
    expect(readlinkSync(join(outDir, 'shop', 'latest'))).toBe('smoke-20260314-090507-bbbbbbbb');
    expect(readdirSync(join(outDir, 'shop')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('two runs with one id get two folders', async () => {
    const first = await createRunDirectory(request('aaaaaaaa'));
    const second = await createRunDirectory(request('aaaaaaaa'));
    expect(second).toBe(`${first}-2`);
  });

  test('names with path characters stay inside the output folder', async () => {
    const path = await createRunDirectory(request('../../x', '../..//evil suite'));
    expect(path).toBe(join(outDir, 'evil-suite', 'smoke-20260314-090507-x'));
  });

  test('writes latest.txt where latest cannot be a link', async () => {
    await mkdir(join(outDir, 'shop', 'latest', 'in-the-way'), { recursive: true });
    await createRunDirectory(request('cccccccc'));
    expect(readFileSync(join(outDir, 'shop', 'latest.txt'), 'utf8')).toBe('smoke-20260314-090507-cccccccc\n');
  });

  test('an output folder that is a file is a usage error that names --out', async () => {
    writeFileSync(join(outDir, 'shop'), '');
    const error: unknown = await createRunDirectory(request('d')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain('cannot write to');
    expect((error as UsageError).hint).toContain('--out');
  });
});

describe('writeArtifact', () => {
  test('writes what it is given and leaves no temporary file', async () => {
    const path = await writeArtifact(outDir, 'a.txt', 'as given');
    expect(readFileSync(path, 'utf8')).toBe('as given');
    expect(readdirSync(outDir)).toEqual(['a.txt']);
  });

  test('a missing folder is a usage error', async () => {
    await expect(writeArtifact(join(outDir, 'none'), 'a.txt', '')).rejects.toThrow(/cannot write/);
  });
});
