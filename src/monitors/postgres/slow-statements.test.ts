import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StatementRow } from './queries.ts';
import { SlowWatch, StatementBook, slowAtLeast, slowTogether } from './slow-statements.ts';

const row = (
  id: string,
  calls: number,
  totalMs: number,
  maxMs: number,
  reset: number | null = 1,
): StatementRow => [`10:${id}`, id, calls, totalMs, maxMs, reset];

describe('slow calls of a gain', () => {
  it.each([
    [1, 999, 999, 999, 0],
    [1, 1001, 1001, 1001, 1],
    // One slow call among others does not show, unless it is the longest ever.
    [10, 1500, 2000, 2000, 0],
    [10, 2900, 500, 2000, 1],
    [3, 6000, 2000, 2000, 3],
    [3, 5900, 2000, 2000, 3],
    [3, 4900, 2000, 2000, 2],
    [0, 0, 2000, 2000, 0],
  ])('%d calls of %d ms, longest %d and now %d ms: at least %d', (calls, totalMs, before, now, least) => {
    expect(slowAtLeast({ calls, totalMs }, { before, now }, 1000)).toBe(least);
  });

  it('are never more than there were', () => {
    const times = fc.array(fc.double({ min: 0.001, max: 5000, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(times, times, fc.integer({ min: 1, max: 3000 }), (earlier, later, limitMs) => {
        const before = Math.max(0, ...earlier);
        const totalMs = later.reduce((sum, time) => sum + time, 0);
        const maxMs = { before, now: Math.max(before, ...later) };
        const least = slowAtLeast({ calls: later.length, totalMs }, maxMs, limitMs);
        expect(least).toBeLessThanOrEqual(later.filter((time) => time > limitMs).length);
        expect(least).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('the book of statements', () => {
  it('tells what was gained since the first look, through resets and removals', () => {
    const book = new StatementBook(1000, 100);
    expect(book.look([row('a', 5, 50, 20), row('b', 1, 9000, 9000)])).toBe(false);
    expect(book.slowest(10)).toEqual([]);
    book.look([row('a', 7, 90, 30), row('b', 1, 9000, 9000), row('c', 1, 1500, 1500)]);
    expect(book.slowest(10)).toEqual([
      { queryId: 'c', calls: 1, totalMs: 1500 },
      { queryId: 'a', calls: 2, totalMs: 40 },
    ]);
    // Put out of the list by the server, and back with fewer calls.
    book.look([row('a', 7, 90, 30)]);
    book.look([row('a', 3, 30, 10)]);
    expect(book.look([row('a', 4, 5000, 4000, 2)])).toBe(true);
    expect(book.slowest(10)).toEqual([
      { queryId: 'c', calls: 1, totalMs: 1500 },
      { queryId: 'a', calls: 2 + 3 + 4, totalMs: 40 + 30 + 5000 },
    ]);
    expect([...book.slowByQuery]).toEqual([
      ['c', 1],
      ['a', 1],
    ]);
  });

  it('does not take a statement for new that a list cut short did not show', () => {
    const book = new StatementBook(1000, 2);
    book.look([row('a', 5, 500, 200), row('b', 1, 400, 400)]);
    book.look([row('c', 900, 90_000, 400), row('a', 5, 500, 200)]);
    expect(book.slowest(10)).toEqual([]);
    book.look([row('c', 901, 90_300, 400), row('a', 5, 500, 200)]);
    expect(book.slowest(10)).toEqual([{ queryId: 'c', calls: 1, totalMs: 300 }]);
  });
});

describe('slow statements that were seen', () => {
  it('count once each, and those that both ways tell count once', () => {
    const watch = new SlowWatch();
    watch.see([{ pid: 1, began: 10, query_id: 'a' }]);
    watch.see([
      { pid: 1, began: 10, query_id: 'a' },
      { pid: 2, began: 10, query_id: null },
    ]);
    watch.see([{ pid: 1, began: 30, query_id: 'a' }]);
    expect(watch.count).toBe(3);
    expect(slowTogether(watch, null)).toBe(3);
    const book = new StatementBook(1000, 100);
    book.look([]);
    book.look([row('a', 1, 1500, 1500), row('b', 2, 4000, 2500)]);
    // Two of a, of which the book has one so far; two of b, of which one may be the one without an id.
    expect(slowTogether(watch, book)).toBe(4);
  });
});
