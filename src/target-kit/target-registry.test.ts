import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTargetParts, registerTarget } from './target-registry.ts';

const parts = { postgres: 'postgresql://me:secret@127.0.0.1:5433/shop' };
const url = 'http://127.0.0.1:8123';
const before = process.env.TMPDIR;
let place = '';

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'registry-'));
  process.env.TMPDIR = place;
});
afterEach(async () => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  await rm(place, { recursive: true, force: true });
});

function folder(): string {
  return join(place, `plimsoll-targets-${userInfo().uid}`);
}

describe('the registry of targets', () => {
  test('tells what a running target is made of, by any name of this machine, until it is gone', async () => {
    const forget = await registerTarget(url, parts);
    expect(await readTargetParts(`${url}/some/path`)).toEqual(parts);
    expect(await readTargetParts('http://localhost:8123')).toEqual(parts);
    expect(await readTargetParts('http://127.0.0.1:8124')).toBeUndefined();
    expect(await readTargetParts('http+unix://127.0.0.1:8123')).toBeUndefined();
    expect(await readTargetParts(undefined)).toBeUndefined();
    await forget();
    expect(await readTargetParts(url)).toBeUndefined();
  });

  test('is closed to other accounts', async () => {
    await registerTarget(url, parts);
    const [name] = await readdir(folder());
    for (const path of [folder(), join(folder(), name!)]) expect((await stat(path)).mode & 0o077).toBe(0);
  });

  test('neither trusts nor uses a folder that others may write to', async () => {
    await registerTarget(url, parts);
    await chmod(folder(), 0o777);
    expect(await readTargetParts(url)).toBeUndefined();
    await registerTarget('http://127.0.0.1:8125', parts);
    expect(await readdir(folder())).toHaveLength(1);
  });

  test('follows no link to a folder elsewhere', async () => {
    const elsewhere = join(place, 'elsewhere');
    await mkdir(elsewhere, { mode: 0o777 });
    await chmod(elsewhere, 0o700);
    await symlink(elsewhere, folder());
    await registerTarget(url, parts);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test('knows nothing of a target whose process has ended, or of a damaged note', async () => {
    await registerTarget(url, parts);
    const [name] = await readdir(folder());
    const ended = spawn(process.execPath, ['-e', '']);
    await once(ended, 'exit');
    const note = { url, parts, process: { pid: ended.pid, startTicks: null } };
    await writeFile(join(folder(), name!), JSON.stringify(note));
    expect(await readTargetParts(url)).toBeUndefined();
    await writeFile(join(folder(), name!), JSON.stringify(note).slice(0, 20));
    expect(await readTargetParts(url)).toBeUndefined();
  });
});
