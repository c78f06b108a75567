import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../src/target-kit/rate-limit.ts';
import { createCache } from './cache.ts';

describe('createCache', () => {
  it('keeps a value until its time to live has passed', async () => {
    let nowMs = 0;
    let loads = 0;
    const cache = createCache(() => nowMs);
    const read = () => cache.get('key', 100, async () => ++loads);
    expect(await read()).toEqual({ value: 1, cached: false });
    nowMs = 99;
    expect(await read()).toEqual({ value: 1, cached: true });
    nowMs = 100;
    expect(await read()).toEqual({ value: 2, cached: false });
    expect(cache.counts()).toEqual({ hits: 1, misses: 2, entries: 1 });
  });

  it('loads once for callers that miss together', async () => {
    let loads = 0;
    const cache = createCache();
    const load = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return ++loads;
    };
    const values = await Promise.all(Array.from({ length: 10 }, () => cache.get('key', 1000, load)));
    expect(values.map(({ value }) => value)).toEqual(Array(10).fill(1));
    expect(cache.counts()).toMatchObject({ hits: 0, misses: 10 });
  });

  it('does not keep what was invalidated while it loaded, nor a failure', async () => {
    const cache = createCache();
    let finish: (value: string) => void = () => {};
    const slow = cache.get('pricing:a', 1000, () => new Promise<string>((resolve) => (finish = resolve)));
    cache.invalidate('pricing:');
    finish('old');
    expect((await slow).value).toBe('old');
    expect(await cache.get('pricing:a', 1000, async () => 'new')).toEqual({ value: 'new', cached: false });
    await expect(cache.get('b', 1000, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect((await cache.get('b', 1000, async () => 1)).value).toBe(1);
  });
});

describe('createRateLimiter', () => {
  it('lets the limit through each second and says how long to wait', () => {
    let nowMs = 0;
    const limiter = createRateLimiter(10, () => nowMs);
    const passed = () =>
      Array.from({ length: 15 }, () => limiter.take('a')).filter((wait) => wait === 0).length;
    expect(passed()).toBe(10);
    expect(limiter.take('a')).toBe(1);
    expect(limiter.take('b')).toBe(0);
    nowMs = 500;
    expect(passed()).toBe(5);
    nowMs = 60_000;
    expect(passed()).toBe(10);
    expect(limiter.rejectedCount()).toBe(5 + 1 + 10 + 5);
  });

  it('asks for longer waits below one request a second', () => {
    const limiter = createRateLimiter(0.1, () => 0);
    expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 10]);
  });
});
