import { expect, test } from 'vitest';
import { RestartWatch } from './restart-watch.ts';

/** Values with the seconds they were seen at; the result is where a restart was told. */
function restartsAt(
  ...looks: readonly (readonly [seconds: number, value: string | number | boolean])[]
): number[] {
  const watch = new RestartWatch();
  const found = looks
    .filter(([seconds, value]) => watch.see(value, seconds * 1000))
    .map(([seconds]) => seconds);
  expect(watch.restarts).toBe(found.length);
  return found;
}

test('texts that change are restarts', () => {
  expect(restartsAt([0, 'a'], [5, 'a'], [10, 'b'], [15, 'b'], [20, 'a'])).toEqual([10, 20]);
});

test('a process id or a start time that changes is a restart, up or down', () => {
  expect(restartsAt([0, 812], [5, 812], [10, 817], [15, 817], [20, 40])).toEqual([10, 20]);
  // A start time ahead by just what went by, as of a process that was started 5 s ago.
  expect(restartsAt([0, 1_700_000_000], [5, 1_700_000_000], [10, 1_700_000_005])).toEqual([10]);
  expect(restartsAt([0, 812], [5, 4711])).toEqual([5]);
});

test('an uptime restarts when it falls, whether in seconds or milliseconds', () => {
  expect(restartsAt([0, 100], [5, 105], [10, 110], [15, 2], [20, 7])).toEqual([15]);
  expect(restartsAt([0, 100_000], [5, 105_010], [10, 110_000], [15, 900])).toEqual([15]);
  expect(restartsAt([0, 3.25], [0.1, 3.35], [0.2, 3.45])).toEqual([]);
});

test('an uptime in whole seconds stands for a while without being a start time', () => {
  const looks = Array.from({ length: 60 }, (_, i) => [i / 10, Math.floor(40 + i / 10)] as const);
  expect(restartsAt(...looks, [6.1, 0], [6.2, 0])).toEqual([6.1]);
});

test('an uptime that jumps ahead is none: the machine slept, or the target was not asked for a while', () => {
  expect(restartsAt([0, 100], [5, 105], [10, 400], [600, 990])).toEqual([]);
});
