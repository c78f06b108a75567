import { expect, test } from 'vitest';
import { machineMs, monotonicMs } from './clock.ts';
import { cancelTimer, delay, startRepeating, startTimer } from './timer.ts';
import { inVirtualTime } from './virtual-time.cases.ts';

test('an hour of waiting passes at once, on both clocks and in the order of the timers', async () => {
  const startedAtMs = monotonicMs();
  await inVirtualTime(async () => {
    const [fromMs, machineFromMs] = [monotonicMs(), machineMs()];
    const fired: string[] = [];
    startTimer(() => fired.push('late'), 3_000_000);
    const never = startTimer(() => fired.push('never'), 5);
    const ticking = startRepeating(() => fired.push('tick'), 1_000_000);
    cancelTimer(never);
    setImmediate(() => fired.push('immediate'));
    await delay(3_600_000);
    cancelTimer(ticking);
    expect(fired).toEqual(['immediate', 'tick', 'tick', 'late', 'tick']);
    expect(monotonicMs() - fromMs).toBeCloseTo(3_600_000, 0);
    expect(machineMs() - machineFromMs).toBeCloseTo(3_600_000, 0);
  });
  expect(monotonicMs() - startedAtMs).toBeLessThan(60_000);
});

test('what is held up by computing fires as soon as it is over', async () => {
  await inVirtualTime(async () => {
    const fromMs = monotonicMs();
    const waiting = delay(5);
    while (monotonicMs() - fromMs < 20);
    await waiting;
    expect(monotonicMs() - fromMs).toBeCloseTo(20, 0);
  });
});

test('a wait for something else is no wait without an end', async () => {
  await expect(inVirtualTime(() => new Promise<void>(() => {}))).rejects.toThrow('nothing is left');
  expect(setTimeout.name).not.toBe('');
});
