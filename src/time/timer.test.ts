import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { monotonicMs } from './clock.ts';
import { parseDuration } from './duration.ts';
import { cancelTimer, delay, longestLegMs, startRepeating, startTimer } from './timer.ts';

const dayMs = 86_400_000;

describe('timers of any length', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    1,
    1500,
    longestLegMs - 1,
    longestLegMs,
    longestLegMs + 1,
    2 * longestLegMs,
    2 * longestLegMs + 1,
    2 ** 32 + 1,
    9_999_999_999,
    parseDuration('25d')!,
    parseDuration('30d')!,
    parseDuration('3650d')!,
    2_592_000_000.5,
  ])('a wait of %d ms fires once, when it is over', (waitMs) => {
    let firedCount = 0;
    startTimer(() => firedCount++, waitMs);
    vi.advanceTimersByTime(Math.floor(waitMs) - 1);
    expect(firedCount).toBe(0);
    // One more ms for each part that was rounded up to whole ms.
    vi.advanceTimersByTime(3 + waitMs / longestLegMs);
    expect(firedCount).toBe(1);
    vi.advanceTimersByTime(3 * Math.min(waitMs, 100 * dayMs) + 10);
    expect(firedCount).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([1e300, Number.MAX_VALUE, Number.POSITIVE_INFINITY])('a wait of %d ms never ends', (waitMs) => {
    let firedCount = 0;
    const timer = startTimer(() => firedCount++, waitMs);
    vi.advanceTimersByTime(1000 * dayMs);
    expect(firedCount).toBe(0);
    cancelTimer(timer);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('what is no number is refused, not taken for 1 ms', () => {
    expect(() => startTimer(() => {}, Number.NaN)).toThrow(/cannot wait for NaN ms/);
    expect(() => startRepeating(() => {}, Number.NaN)).toThrow(/cannot wait for NaN ms/);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a long timer is cancelled at any time', () => {
    let firedCount = 0;
    for (const afterDays of [0, 10, 30, 59]) {
      const timer = startTimer(() => firedCount++, 60 * dayMs);
      vi.advanceTimersByTime(afterDays * dayMs);
      cancelTimer(timer);
      vi.advanceTimersByTime(100 * dayMs);
    }
    expect(firedCount).toBe(0);
    cancelTimer(undefined);
    cancelTimer(null);
  });

  test.each([1000, 30 * dayMs])('repeats every %d ms', (everyMs) => {
    let firedCount = 0;
    const timer = startRepeating(() => firedCount++, everyMs);
    vi.advanceTimersByTime(everyMs - 1);
    expect(firedCount).toBe(0);
    vi.advanceTimersByTime(10);
    expect(firedCount).toBe(1);
    vi.advanceTimersByTime(everyMs * 3);
    expect(firedCount).toBe(4);
    cancelTimer(timer);
    vi.advanceTimersByTime(everyMs * 3);
    expect(firedCount).toBe(4);
  });

  test('a delay of 25 days ends after 25 days', async () => {
    let over = false;
    void delay(25 * dayMs).then(() => {
      over = true;
    });
    await vi.advanceTimersByTimeAsync(25 * dayMs - 1);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(over).toBe(true);
  });

  test('a delay ends at once when its signal is aborted, and leaves no timer', async () => {
    const giveUp = new AbortController();
    const waiting = delay(30 * dayMs, { signal: giveUp.signal });
    giveUp.abort();
    await waiting;
    await delay(30 * dayMs, { signal: giveUp.signal });
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("Node's own timers are not asked for more than they can", async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', onWarning);
  let firedCount = 0;
  const timers = [longestLegMs + 1, 25 * dayMs, Number.POSITIVE_INFINITY].map((waitMs) =>
    startTimer(() => firedCount++, waitMs).unref(),
  );
  expect(timers.map((timer) => timer.hasRef())).toEqual([false, false, false]);
  await delay(50);
  for (const timer of timers) cancelTimer(timer);
  process.off('warning', onWarning);
  expect({ firedCount, warnings }).toEqual({ firedCount: 0, warnings: [] });
});

test('short timers fire as those of Node do', async () => {
  const startedAtMs = monotonicMs();
  await delay(20);
  expect(monotonicMs() - startedAtMs).toBeGreaterThan(18);
});

describe('nothing else sets timers', () => {
  const forbidden =
    /(?<!\.)\b(?:set|clear)(?:Timeout|Interval)\b|timers\/promises|node:timers|AbortSignal\.timeout/;
  const root = fileURLToPath(new URL('../../', import.meta.url));

  function sources(folder: string): string[] {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/\.(?:test|cases)\.ts$/.test(path))
      .map((path) => join(folder, path));
  }

  test('in src and targets', () => {
    const paths = [...sources('src'), ...sources('targets')].filter((path) => path !== 'src/time/timer.ts');
    expect(paths.length).toBeGreaterThan(300);
    const found = paths.flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, i) => (forbidden.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    );
    expect(found, 'use src/time/timer.ts: its waits may have any length').toEqual([]);
  });

  test.each([
    'setTimeout(wake, 5)',
    "import { setTimeout as sleep } from 'node:timers/promises';",
    'const again = setInterval;',
    'globalThis[`x`]; clearTimeout(timer);',
    'AbortSignal.timeout(50)',
  ])('which would see %s', (line) => {
    expect(line).toMatch(forbidden);
  });

  test('and lets the timeouts of sockets be', () => {
    expect('socket.setTimeout(0)').not.toMatch(forbidden);
  });
});
