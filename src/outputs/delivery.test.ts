import { describe, expect, test } from 'vitest';
import { type Attempt, type Batch, Delivery, type Failure } from './delivery.ts';
import { parseRetryAfter } from './http-post.ts';
import { until } from './receivers.cases.ts';

const batch = (points: number, bytes = 10): Batch => ({ body: new Uint8Array(bytes), points });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const busy: Failure = { reason: 'busy', again: 'answered' };

/** Attempts that end as told, in turn, and well after that. */
function scripted(...outcomes: (Failure | undefined)[]): {
  attempt: Attempt;
  tried: Batch[];
  atMs: number[];
} {
  const tried: Batch[] = [];
  const atMs: number[] = [];
  return {
    tried,
    atMs,
    attempt: async (one) => {
      tried.push(one);
      atMs.push(performance.now());
      return outcomes.shift();
    },
  };
}

describe('a delivery', () => {
  test('sends batches in order, one at a time', async () => {
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const delivery = new Delivery({
      async attempt({ points }) {
        most = Math.max(most, ++running);
        await pause(5);
        order.push(points);
        running--;
        return undefined;
      },
    });
    for (let k = 1; k <= 10; k++) delivery.add(batch(k));
    expect(await delivery.close(5000)).toEqual({ sent: 55, lost: 0, failures: 0 });
    expect(order).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(most).toBe(1);
  });

  test('waits twice as long after each failure, with jitter', async () => {
    const { attempt, atMs } = scripted(busy, busy, busy);
    const delivery = new Delivery({ attempt, backoffMs: 80, random: () => 0 });
    delivery.add(batch(1));
    await until(() => atMs.length === 4, 'four attempts were made');
    const waits = atMs.slice(1).map((at, k) => at - atMs[k]!);
    for (const [k, least] of [40, 80, 160].entries()) expect(waits[k]).toBeGreaterThan(least - 3);
    expect(await delivery.close(0)).toMatchObject({ sent: 1, failures: 3, lastError: 'busy' });
  });

  test('waits no longer than the receiver asks for, and no shorter', async () => {
    const { attempt, atMs } = scripted({ ...busy, retryAfterMs: 150 });
    const delivery = new Delivery({ attempt, backoffMs: 20_000 });
    delivery.add(batch(1));
    await until(() => atMs.length === 2, 'it was sent again');
    expect(atMs[1]! - atMs[0]!).toBeGreaterThan(145);
    await delivery.close(0);
  });

  test('gives up the oldest when it holds too much, and never what is on its way', async () => {
    let release: (() => void) | undefined;
    const arrived: number[] = [];
    const delivery = new Delivery({
      maxBytes: 100,
      async attempt({ points }) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        arrived.push(points);
        return undefined;
      },
    });
    delivery.add(batch(1, 40));
    await until(() => release !== undefined, 'the first is on its way');
    for (let k = 2; k <= 1000; k++) {
      delivery.add(batch(k, 30));
      expect(delivery.queuedBytes).toBeLessThanOrEqual(100);
    }
    const closing = delivery.close(5000);
    const releasing = setInterval(() => release?.(), 5);
    const all = (1000 * 1001) / 2;
    expect(await closing).toMatchObject({ sent: 1 + 999 + 1000, lost: all - 2000, failures: 0 });
    clearInterval(releasing);
    expect(arrived).toEqual([1, 999, 1000]);
  });

  test('a batch that is larger than all it may hold is lost at once', async () => {
    const { attempt, tried } = scripted();
    const delivery = new Delivery({ attempt, maxBytes: 100 });
    delivery.add(batch(7, 101));
    expect(await delivery.close(1000)).toEqual({ sent: 0, lost: 7, failures: 0 });
    expect(tried).toEqual([]);
  });

  test('an attempt that takes too long is ended, and made again', async () => {
    let aborted = 0;
    const delivery = new Delivery({
      timeoutMs: 50,
      backoffMs: 1,
      attempt: (_, signal) =>
        new Promise((resolve) => {
          if (aborted === 2) resolve(undefined);
          // Does not mind the signal otherwise: nothing may depend on that.
          signal.addEventListener('abort', () => aborted++);
        }),
    });
    delivery.add(batch(1));
    await until(() => aborted === 2, 'two attempts were ended');
    expect(await delivery.close(2000)).toMatchObject({
      sent: 1,
      failures: 2,
      lastError: 'no answer within 0.05 s',
    });
  });

  test('an attempt that throws counts as a failure', async () => {
    const delivery = new Delivery({
      async attempt() {
        throw new Error('no socket');
      },
    });
    delivery.add(batch(3));
    expect(await delivery.close(1000)).toEqual({ sent: 0, lost: 3, failures: 1, lastError: 'no socket' });
  });

  test('closing ends a long wait, and asks a receiver that answers until the grace is over', async () => {
    const { attempt, tried } = scripted(busy, busy, busy);
    const delivery = new Delivery({ attempt, backoffMs: 60_000 });
    delivery.add(batch(1));
    await until(() => tried.length === 1, 'the first attempt was made');
    expect(await delivery.close(5000)).toMatchObject({ sent: 1, lost: 0, failures: 3 });
  });

  test('closing does not wait for a moment that comes too late', async () => {
    const { attempt } = scripted({ ...busy, retryAfterMs: 60_000 }, { ...busy, retryAfterMs: 60_000 });
    const delivery = new Delivery({ attempt });
    delivery.add(batch(1));
    delivery.add(batch(2));
    const before = performance.now();
    expect(await delivery.close(5000)).toMatchObject({ sent: 0, lost: 3 });
    expect(performance.now() - before).toBeLessThan(2000);
  });

  test('what comes after the end is lost', async () => {
    const { attempt } = scripted();
    const delivery = new Delivery({ attempt });
    const closing = delivery.close(100);
    delivery.add(batch(2));
    expect(await closing).toMatchObject({ sent: 0, lost: 2 });
  });
});

test('Retry-After is seconds or a date', () => {
  expect(parseRetryAfter('3')).toBe(3000);
  expect(parseRetryAfter('soon')).toBeUndefined();
  expect(parseRetryAfter(undefined)).toBeUndefined();
  expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:00 GMT')).toBe(0);
  const inAMinute = parseRetryAfter(new Date(Date.now() + 60_000).toUTCString());
  expect(inAMinute).toBeGreaterThan(55_000);
  expect(inAMinute).toBeLessThanOrEqual(60_000);
});
