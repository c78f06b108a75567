import { expect, test } from 'vitest';
import { assessClock, assessDisk, examineCores, examineLimits, examineMemory } from './examine-machine.ts';

test('cores and memory are held against what a load generator should have', () => {
  expect(examineCores(8)).toMatchObject({ status: 'good' });
  expect(examineCores(2)).toMatchObject({ status: 'caution', remedy: expect.stringContaining('4 cores') });
  expect(examineMemory(16e9, 4e9)).toMatchObject({ status: 'good' });
  expect(examineMemory(4e9, 3e9).remedy).toContain('8 GB');
  expect(examineMemory(16e9, 100e6).remedy).toContain('end other programs');
});

test('limits of the process say how to raise them, and what is not told is open', () => {
  const statuses = (limits: Parameters<typeof examineLimits>[0]): string[] =>
    examineLimits(limits).map(({ status }) => status);
  expect(statuses({ openFiles: 65_536, localPorts: 28_232 })).toEqual(['good', 'good']);
  expect(statuses({})).toEqual(['open', 'open']);
  const [files, ports] = examineLimits({ openFiles: 1024, localPorts: 1000 });
  expect(files).toMatchObject({ status: 'caution', remedy: 'raise the limit with "ulimit -n 65536"' });
  expect(ports!.remedy).toContain('ip_local_port_range');
});

test('a disk without space, or that may not be written, keeps a run from working', () => {
  const disk = (freeBytes: number, isWritable = true) => assessDisk({ folder: '/r', freeBytes, isWritable });
  expect(disk(5e9)).toMatchObject({ status: 'good' });
  expect(disk(200e6)).toMatchObject({ status: 'caution' });
  expect(disk(1e6)).toMatchObject({ status: 'bad', exitCode: 2, remedy: expect.stringContaining('--out') });
  expect(disk(5e9, false)).toMatchObject({
    status: 'bad',
    finding: expect.stringContaining('may not be written'),
  });
});

test('a clock is judged by its service, and by whether it goes on like the monotonic one', () => {
  expect(assessClock(0, { offsetMs: -3, source: 'chrony' })).toMatchObject({
    status: 'good',
    finding: 'is off by 3 ms (chrony)',
  });
  expect(assessClock(0, { offsetMs: 4000, source: 'chrony' })).toMatchObject({ status: 'caution' });
  expect(assessClock(-500, { isSynchronized: true })).toMatchObject({
    status: 'caution',
    finding: 'the wall clock was set by 500 ms while it was looked at',
  });
  expect(assessClock(1, { isSynchronized: false })).toMatchObject({ status: 'caution' });
  expect(assessClock(1, undefined)).toMatchObject({ status: 'open' });
});
