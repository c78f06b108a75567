// Which statements took longer than the limit, as far as looks from time to time can tell: a lower bound, from what was
// seen running and from what pg_stat_statements gained. Called by ../postgres.ts.

import type { SlowRow, StatementRow } from './queries.ts';

/**
 * Counts executions that sessions were seen with. An execution counts once: while it runs, as soon as it has run for
 * too long; after its end, as long as its session has not begun another.
 */
export class SlowWatch {
  /** Executions of the last look, which the next one may show again. */
  #known = new Set<string>();
  #count = 0;
  readonly #byQuery = new Map<string, number>();

  see(rows: readonly SlowRow[]): void {
    const seen = new Set<string>();
    for (const { pid, began, query_id: queryId } of rows) {
      const execution = `${pid}@${began}`;
      seen.add(execution);
      if (this.#known.has(execution)) continue;
      this.#count++;
      if (queryId !== null) this.#byQuery.set(queryId, (this.#byQuery.get(queryId) ?? 0) + 1);
    }
    this.#known = seen;
  }

  /** All since the first look. */
  get count(): number {
    return this.#count;
  }

  /** Those whose query is known, by its id. */
  get byQuery(): ReadonlyMap<string, number> {
    return this.#byQuery;
  }
}

/**
 * How many of the calls that a statement gained took longer than `limitMs`, at least. No call took longer than the
 * longest ever; so a gain of `calls` with `totalMs` needs at least (totalMs - calls * limitMs) / (maxMs - limitMs) slow
 * ones. A longest that grew is one, too.
 */
export function slowAtLeast(
  gained: { readonly calls: number; readonly totalMs: number },
  maxMs: { readonly before: number; readonly now: number },
  limitMs: number,
): number {
  const { calls, totalMs } = gained;
  if (calls <= 0) return 0;
  if (calls === 1) return totalMs > limitMs ? 1 : 0;
  const longest = Math.max(maxMs.before, maxMs.now);
  if (longest <= limitMs) return 0;
  const needed = (totalMs - calls * limitMs) / (longest - limitMs);
  const grew = maxMs.now !== maxMs.before && maxMs.now > limitMs ? 1 : 0;
  // Sums of doubles are off by a little.
  return Math.min(calls, Math.max(grew, Math.ceil(needed - 1e-6), 0));
}

/** What a statement gained since the first look. */
export interface StatementGain {
  readonly queryId: string;
  calls: number;
  totalMs: number;
}

/** Keeps what statements gained, over looks at the totals that pg_stat_statements has. */
export class StatementBook {
  readonly #limitMs: number;
  readonly #mostRows: number;
  #last: ReadonlyMap<string, StatementRow> | null = null;
  /** The last look showed all that the server keeps. */
  #whole = true;
  #reset: number | null = null;
  readonly #gains = new Map<string, StatementGain>();
  readonly #slow = new Map<string, number>();

  constructor(limitMs: number, mostRows: number) {
    this.#limitMs = limitMs;
    this.#mostRows = mostRows;
  }

  /** The totals have begun again from 0. */
  restart(): void {
    if (this.#last !== null) this.#last = new Map();
    this.#whole = true;
  }

  /** True when the totals were set to 0 since the last look. */
  look(rows: readonly StatementRow[]): boolean {
    const reset = rows[0]?.[5] ?? this.#reset;
    const wasReset = this.#reset !== null && reset !== this.#reset;
    if (wasReset) this.restart();
    this.#reset = reset;
    const last = this.#last;
    const current = new Map<string, StatementRow>();
    for (const row of rows) {
      current.set(row[0], row);
      if (last === null) continue;
      const before = last.get(row[0]);
      // A statement that is new to a list that was not whole may have been there before.
      if (before !== undefined || this.#whole) this.#gain(row, before);
    }
    this.#last = current;
    this.#whole = rows.length < this.#mostRows;
    return wasReset;
  }

  #gain(row: StatementRow, before: StatementRow | undefined): void {
    const [key, queryId, calls, totalMs, maxMs] = row;
    // Fewer calls than before: it was put out of the list, and came back.
    const [, , callsBefore, totalBefore, maxBefore] =
      before !== undefined && before[2] <= calls ? before : ['', '', 0, 0, 0];
    const gained = { calls: calls - callsBefore, totalMs: totalMs - totalBefore };
    if (gained.calls === 0) return;
    const gain = this.#gains.get(key) ?? { queryId, calls: 0, totalMs: 0 };
    gain.calls += gained.calls;
    gain.totalMs += gained.totalMs;
    this.#gains.set(key, gain);
    const slow = slowAtLeast(gained, { before: maxBefore, now: maxMs }, this.#limitMs);
    if (slow > 0) this.#slow.set(queryId, (this.#slow.get(queryId) ?? 0) + slow);
  }

  /** Slow calls since the first look, at least, by query. */
  get slowByQuery(): ReadonlyMap<string, number> {
    return this.#slow;
  }

  /** Those that took most time per call since the first look. */
  slowest(count: number): readonly StatementGain[] {
    return [...this.#gains.values()]
      .sort((a, b) => b.totalMs / b.calls - a.totalMs / a.calls)
      .slice(0, count);
  }
}

/**
 * Slow statements by both ways of telling, of which each may miss some and both may know the same: per query the
 * greater of the two, and no less than all that were seen running.
 */
export function slowTogether(watch: SlowWatch, book: StatementBook | null): number {
  if (book === null) return watch.count;
  let together = 0;
  for (const [queryId, count] of book.slowByQuery) {
    together += Math.max(count, watch.byQuery.get(queryId) ?? 0);
  }
  for (const [queryId, count] of watch.byQuery) {
    if (!book.slowByQuery.has(queryId)) together += count;
  }
  return Math.max(together, watch.count);
}
