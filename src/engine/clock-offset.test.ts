import { describe, expect, test } from 'vitest';
import { machineMs } from '../time/clock.ts';
import { ClockOffset } from './clock-offset.ts';

describe('the offset of a clock', () => {
  test('is 0, exactly and at once, where both share a clock', () => {
    const offset = new ClockOffset();
    const sentMs = machineMs();
    offset.add({ sentMs, machineMs: machineMs(), receivedMs: machineMs() });
    expect([offset.isKnown, offset.offsetMs]).toEqual([true, 0]);
  });

  test('is taken from the shortest round trip, and is off by half of it at the most', () => {
    const offset = new ClockOffset();
    const aheadMs = 86_400_000;
    // [time to the worker, time back], ms.
    const trips = [
      [40, 2],
      [1, 9],
      [3, 1],
      [20, 20],
      [0.5, 8],
      [5, 5],
      [2, 30],
      [7, 1],
    ] as const;
    for (const [i, [there, back]] of trips.entries()) {
      expect(offset.isKnown).toBe(false);
      const sentMs = 1000 * i;
      offset.add({ sentMs, machineMs: sentMs + there + aheadMs, receivedMs: sentMs + there + back });
    }
    expect(offset.isKnown).toBe(true);
    expect(Math.abs(offset.offsetMs - aheadMs)).toBeLessThanOrEqual(2);
  });
});
