import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Family, type Member } from './family.ts';
import { Proc } from './proc.ts';
import { type FakeProcess, statLine, writeProc } from './proc-folder.cases.ts';

const tree: FakeProcess[] = [
  { pid: 10, parentPid: 1, startTicks: 5 },
  { pid: 12, parentPid: 10, startTicks: 6 },
  { pid: 11, parentPid: 12, startTicks: 7 },
  { pid: 13, parentPid: 1, startTicks: 7 },
];

/** A family of process 10, on a machine that can be changed. */
async function familyOf(processes: readonly FakeProcess[], withChildren = true) {
  const root = await writeProc(processes);
  const proc = new Proc(root);
  const family = new Family(proc, withChildren);
  return {
    look: (): Member[] => family.look(proc.stat(10)!, false),
    async put(process: FakeProcess): Promise<void> {
      await mkdir(join(root, 'proc', String(process.pid)), { recursive: true });
      await writeFile(join(root, 'proc', String(process.pid), 'stat'), statLine(process));
    },
    end: (pid: number): Promise<void> => rm(join(root, 'proc', String(pid)), { recursive: true }),
  };
}

const pidsOf = (members: readonly Member[]): number[] => members.map(({ pid }) => pid);
const freshOf = (members: readonly Member[]): number[] => pidsOf(members.filter(({ fresh }) => fresh));

test('all descendants, parents first, whatever their ids; none of the first look is fresh', async () => {
  const { look } = await familyOf(tree);
  expect(pidsOf(look())).toEqual([10, 12, 11]);
  expect(freshOf(look())).toEqual([]);
});

test('the process alone without children', async () => {
  const { look } = await familyOf(tree, false);
  expect(pidsOf(look())).toEqual([10]);
});

test('those that start later are fresh once, those that end are gone', async () => {
  const { look, put, end } = await familyOf(tree);
  look();
  await put({ pid: 20, parentPid: 11, startTicks: 30 });
  await put({ pid: 21, parentPid: 13, startTicks: 30 });
  const members = look();
  expect([pidsOf(members), freshOf(members)]).toEqual([[10, 12, 11, 20], [20]]);
  expect(freshOf(look())).toEqual([]);
  await end(20);
  expect(pidsOf(look())).toEqual([10, 12, 11]);
});

test('an orphan stays, and those that it starts belong', async () => {
  const { look, put, end } = await familyOf(tree);
  look();
  await end(12);
  await put({ pid: 11, parentPid: 1, startTicks: 7 });
  expect(pidsOf(look())).toEqual([10, 11]);
  await put({ pid: 30, parentPid: 11, startTicks: 40 });
  expect(pidsOf(look()).sort()).toEqual([10, 11, 30]);
});

test('an id that is used again by a stranger is a stranger, by a child a fresh child', async () => {
  const { look, put } = await familyOf(tree);
  look();
  await put({ pid: 11, parentPid: 1, startTicks: 50 });
  await put({ pid: 12, parentPid: 10, startTicks: 51 });
  const members = look();
  expect([pidsOf(members), freshOf(members)]).toEqual([[10, 12], [12]]);
  // One that was a stranger is found within a dozen looks, and has not used all of its time here.
  await put({ pid: 13, parentPid: 10, startTicks: 7 });
  let later: Member[] = [];
  for (let i = 0; i < 12 && !pidsOf(later).includes(13); i++) {
    later = look();
    expect(freshOf(later)).toEqual([]);
  }
  expect(pidsOf(later)).toContain(13);
});
