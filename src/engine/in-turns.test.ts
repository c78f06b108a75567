import { expect, test } from 'vitest';
import { monotonicMs } from '../time/clock.ts';
import { inTurns } from './in-turns.ts';

test('all items have their turn, in order, and others have theirs in between', async () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  const done: number[] = [];
  const doneAtTurn: number[] = [];
  let turn = 0;
  const count = (): void => {
    turn++;
    if (done.length < items.length) setImmediate(count);
  };
  setImmediate(count);
  inTurns(items, (item) => {
    done.push(item);
    doneAtTurn.push(turn);
    const untilMs = monotonicMs() + 2;
    while (monotonicMs() < untilMs);
  });
  expect(done[0]).toBe(0);
  expect(done.length).toBeLessThan(items.length);
  await expect.poll(() => done).toEqual(items);
  expect(doneAtTurn.at(-1)).toBeGreaterThanOrEqual(4);
});

test('nothing to do is done at once', () => {
  inTurns([], () => expect.unreachable());
});
