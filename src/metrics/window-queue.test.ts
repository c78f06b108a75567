import { describe, expect, test } from 'vitest';
import type { MetricWindow } from '../model/metric.ts';
import { WindowQueue } from './window-queue.ts';

const window = (worker: number, startAtMs: number, endAtMs = startAtMs + 1000): MetricWindow => ({
  ...{ worker, startAtMs, endAtMs, definitions: [], deltas: [] },
});

/** Ends of the windows that may be counted, with their workers. */
const due = (windows: readonly MetricWindow[]): string[] =>
  windows.map(({ worker, endAtMs }) => `${worker}@${endAtMs}`);

describe('windows', () => {
  test('of one worker count at once', () => {
    const queue = new WindowQueue(1);
    expect(due(queue.push(window(0, 0)))).toEqual(['0@1000']);
    expect(queue.untilMs).toBe(1000);
  });

  test('wait for those of the other workers', () => {
    const queue = new WindowQueue(2);
    expect(due(queue.push(window(0, 0)))).toEqual([]);
    expect(due(queue.push(window(0, 1000)))).toEqual([]);
    expect(queue.untilMs).toBe(0);
    expect(due(queue.push(window(1, 0)))).toEqual(['0@1000', '1@1000']);
    expect(queue.untilMs).toBe(1000);
    expect(due(queue.push(window(1, 1000)))).toEqual(['0@2000', '1@2000']);
  });

  test('wait for a silent worker no longer than four seconds, and for it again when it tells again', () => {
    const queue = new WindowQueue(2);
    queue.push(window(1, 0));
    for (let second = 0; second < 5; second++) queue.push(window(0, second * 1000));
    expect(queue.untilMs).toBe(1000);
    expect(due(queue.push(window(0, 5000)))).toEqual(['0@2000', '0@3000', '0@4000', '0@5000', '0@6000']);
    expect(queue.untilMs).toBe(6000);
    // What comes late counts at once, and time does not go back.
    expect(due(queue.push(window(1, 4000)))).toEqual(['1@5000']);
    expect(queue.untilMs).toBe(6000);
    expect(due(queue.push(window(0, 6000)))).toEqual([]);
    expect(due(queue.push(window(1, 6000)))).toEqual(['0@7000', '1@7000']);
  });

  test('of a worker that takes over from a lost one go on with its part', () => {
    const queue = new WindowQueue(2);
    for (const worker of [0, 1]) queue.push(window(worker, 0));
    // Its farewell, in the middle of a second.
    expect(due(queue.push(window(1, 1000, 1400)))).toEqual([]);
    expect(due(queue.push(window(0, 1000)))).toEqual(['1@1400']);
    expect(queue.untilMs).toBe(1000);
    expect(due(queue.push(window(3, 1000)))).toEqual(['0@2000', '3@2000']);
    expect(queue.untilMs).toBe(2000);
  });

  test('of one worker stay in order, also when a lost one takes leave before the end of its last second', () => {
    const queue = new WindowQueue(2);
    queue.push(window(0, 0));
    // After an exception: its last second as a whole, then what it leaves behind.
    queue.push(window(1, 0));
    queue.push(window(1, 1000));
    expect(due(queue.push(window(1, 1000, 1300)))).toEqual([]);
    expect(due(queue.push(window(0, 1000)))).toEqual(['1@2000', '1@1300', '0@2000']);
  });

  test('that still wait at the end count then', () => {
    const queue = new WindowQueue(3);
    queue.push(window(2, 1000));
    queue.push(window(0, 0));
    expect(due(queue.rest())).toEqual(['2@2000', '0@1000']);
    expect(queue.untilMs).toBe(2000);
    expect(queue.rest()).toEqual([]);
  });
});
