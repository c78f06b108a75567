import { afterEach, expect, test } from 'vitest';
import { monotonicMs } from '../time/clock.ts';
import { delay } from '../time/timer.ts';
import { createMetronome, createTimerWaker, type Metronome } from './metronome.ts';

let metronome: Metronome;
afterEach(() => metronome.close());

function waitWith(waker: ReturnType<Metronome['createWaker']>, ms: number): Promise<number> {
  const startedAtMs = monotonicMs();
  return new Promise((resolve) => waker.after(ms, () => resolve(monotonicMs() - startedAtMs)));
}

test('wakes after the wait, never before, as often as asked', async () => {
  metronome = createMetronome();
  const waker = metronome.createWaker();
  for (const ms of [20, 0.3, 1.7, 5.2, 0.05]) expect(await waitWith(waker, ms)).toBeGreaterThanOrEqual(ms);
});

test('serves several wakers, each at its own time', async () => {
  metronome = createMetronome();
  const order: string[] = [];
  const waits = [30, 10, 20].map(async (ms) => {
    await waitWith(metronome.createWaker(), ms);
    order.push(String(ms));
  });
  await Promise.all(waits);
  expect(order).toEqual(['10', '20', '30']);
});

test('a new wait replaces the one before, and a cancelled one never comes', async () => {
  metronome = createMetronome();
  const waker = metronome.createWaker();
  const heard: string[] = [];
  waker.after(10, () => heard.push('first'));
  waker.after(20, () => heard.push('second'));
  const other = metronome.createWaker();
  other.after(5, () => heard.push('cancelled'));
  other.cancel();
  await expect.poll(() => heard, { timeout: 5000 }).toContain('second');
  // What should not come would have come by now.
  await delay(60);
  expect(heard).toEqual(['second']);
});

test('the waker on timers waits as well', async () => {
  metronome = createMetronome();
  const waker = createTimerWaker();
  // Timers may fire a little early, which callers have to expect.
  expect(await waitWith(waker, 20)).toBeGreaterThan(18);
});

test.each([2 ** 31, 25 * 86_400_000, 2 ** 40])('a wait of %d ms is not over at once', async (ms) => {
  metronome = createMetronome();
  const heard: string[] = [];
  const wakers = { metronome: metronome.createWaker(), timer: createTimerWaker() };
  wakers.metronome.after(ms, () => heard.push('metronome'));
  wakers.timer.after(ms, () => heard.push('timer'));
  // Another one that comes meanwhile is on time.
  await waitWith(metronome.createWaker(), 30);
  expect(heard).toEqual([]);
  wakers.timer.cancel();
});
