// Asks monitors for readings, each at its own interval, while a run goes on. run/monitors.ts starts it and hands on its
// reports.

import { messageOf } from '../model/errors.ts';
import type { MonitorReport, Reading } from '../model/monitor.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import { CounterTotals, gaugesOf } from './counter-totals.ts';
import type { Monitor } from './monitor.ts';

export interface Watched {
  readonly plan: MonitorPlan;
  readonly monitor: Monitor;
}

export interface Sampler {
  /**
   * One reading of each monitor before the load, so that connections stand and a source that cannot be read is known
   * of. Nothing of it is reported. Resolves with why monitors failed.
   */
  prime(): Promise<{ readonly monitor: string; readonly reason: string }[]>;
  /** Reads from now on; `now` tells the run time. */
  start(now: () => number): void;
  /**
   * A last reading of each monitor that was not tried within half its interval, and no further ones. Takes no longer
   * than one reading may take: a monitor that fails meanwhile is not asked again.
   */
  finish(): Promise<void>;
  /** Asks each monitor that has more to tell of a run that went badly, once, after `finish`. Takes no longer than a reading may. */
  diagnose(): Promise<void>;
  /** Lets go of all sources; readings that are under way are given up, and nothing is reported any more. */
  close(): Promise<void>;
}

/** Beyond its timeout, a monitor that does not heed the signal is given this long. */
const unheededMs = 500;
/** A monitor that takes longer to close is left behind. */
const closeLimitMs = 1000;
/** Timers may fire this early. */
const earlyMs = 1;

export function createSampler(watched: readonly Watched[], report: (report: MonitorReport) => void): Sampler {
  const loops = watched.map((one) => new MonitorLoop(one, report));
  return {
    async prime() {
      const reasons = await Promise.all(loops.map((loop) => loop.prime()));
      return reasons.flatMap((reason, i) =>
        reason === undefined ? [] : [{ monitor: watched[i]!.plan.name, reason }],
      );
    },
    start(now) {
      for (const loop of loops) loop.start(now);
    },
    async finish() {
      await Promise.all(loops.map((loop) => loop.finish()));
    },
    async diagnose() {
      await Promise.all(loops.map((loop) => loop.diagnose()));
    },
    async close() {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}

/** What came of one look at a source, and when on the process clock. */
interface Look {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly outcome: { readonly reading: Reading } | { readonly reason: string };
}

class MonitorLoop {
  readonly #plan: MonitorPlan;
  readonly #monitor: Monitor;
  readonly #report: (report: MonitorReport) => void;
  readonly #totals = new CounterTotals();
  #now: () => number = () => 0;
  #timer: Timer | undefined;
  /** The look that is under way, or the latest. */
  #looking: Promise<Look> | undefined;
  /** A call of `read` has not ended, perhaps long after it was given up. */
  #isReading = false;
  #giveUp: (() => void) | undefined;
  #lastTriedAtMs = Number.NEGATIVE_INFINITY;
  #state: 'waiting' | 'running' | 'finished' | 'closed' = 'waiting';

  constructor({ plan, monitor }: Watched, report: (report: MonitorReport) => void) {
    this.#plan = plan;
    this.#monitor = monitor;
    this.#report = report;
  }

  async prime(): Promise<string | undefined> {
    const { outcome } = await this.#look();
    return 'reason' in outcome ? outcome.reason : undefined;
  }

  start(now: () => number): void {
    this.#now = now;
    this.#state = 'running';
    void this.#turn(0);
  }

  async finish(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'finished';
    cancelTimer(this.#timer);
    await this.#looking;
    if (this.#now() - this.#lastTriedAtMs >= this.#plan.intervalMs / 2) await this.#lookAndTell();
  }

  async diagnose(): Promise<void> {
    const { diagnose } = this.#monitor;
    if (diagnose === undefined || this.#state !== 'finished') return;
    const { name: monitor } = this.#plan;
    const [tables, failure] = await this.#ask((signal) => diagnose.call(this.#monitor, signal)).then(
      (answers) => [answers] as const,
      (thrown: unknown) => [[], messageOf(thrown)] as const,
    );
    const atMs = Math.max(0, this.#now());
    this.#report({ kind: 'diagnosis', monitor, atMs, tables, ...(failure !== undefined && { failure }) });
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    cancelTimer(this.#timer);
    this.#giveUp?.();
    let timer: Timer | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = startTimer(resolve, closeLimitMs);
    });
    await Promise.race([this.#closeMonitor().catch(() => {}), tooLate]);
    cancelTimer(timer);
    await this.#looking;
  }

  /** A monitor that throws is one that rejects. */
  async #closeMonitor(): Promise<void> {
    await this.#monitor.close();
  }

  /** The reading due at `dueAtMs`, and then the next. */
  async #turn(dueAtMs: number): Promise<void> {
    const { startedAtMs, endedAtMs, outcome } = await this.#lookAndTell();
    if (this.#state !== 'running') return;
    const { name, intervalMs, share } = this.#plan;
    const tookMs = endedAtMs - startedAtMs;
    const nowMs = this.#now();
    const followingMs = Math.max(dueAtMs + intervalMs, this.#beatFrom(nowMs - tookMs + 2 * earlyMs));
    // A reading that took long is not made more often than its share of the time allows. What a source that fails
    // slowly costs is its own time, not ours: it is asked again at its interval.
    const restMs = 'reading' in outcome ? tookMs / share - tookMs : 0;
    const nextMs = Math.max(followingMs, this.#beatFrom(nowMs + restMs));
    const skipped = 'reading' in outcome ? Math.round((nextMs - followingMs) / intervalMs) : 0;
    if (skipped > 0) this.#report({ kind: 'skipped', monitor: name, atMs: nowMs, count: skipped });
    this.#timer = startTimer(() => void this.#turn(nextMs), Math.max(0, nextMs - this.#now()));
  }

  /** The first whole multiple of the interval from `ms` on. */
  #beatFrom(ms: number): number {
    const { intervalMs } = this.#plan;
    return Math.ceil((ms - earlyMs) / intervalMs) * intervalMs;
  }

  async #lookAndTell(): Promise<Look> {
    const look = await this.#look();
    this.#lastTriedAtMs = this.#now();
    if (this.#state !== 'closed') this.#tell(look);
    return look;
  }

  #tell({ startedAtMs, endedAtMs, outcome }: Look): void {
    const { name: monitor, figures } = this.#plan;
    const readingMs = endedAtMs - startedAtMs;
    if ('reason' in outcome) {
      const atMs = Math.max(0, this.#now());
      this.#report({ kind: 'failure', monitor, atMs, reason: outcome.reason, readingMs });
      return;
    }
    const { values, tables, events = [] } = outcome.reading;
    // A reading tells of some moment between question and answer.
    const atMs = Math.max(0, this.#now() - readingMs / 2);
    // The first in the run is the base of counters: what they gained before is no part of it.
    const gains = this.#totals.gains(figures, values, endedAtMs - readingMs / 2);
    const sample = { monitor, atMs, values: gaugesOf(figures, values), gains };
    this.#report({ kind: 'sample', sample, readingMs, ...(tables !== undefined && { tables }) });
    for (const text of events) this.#report({ kind: 'event', monitor, atMs, text });
  }

  /** Never rejects. */
  #look(): Promise<Look> {
    this.#looking = this.#lookNow();
    return this.#looking;
  }

  async #lookNow(): Promise<Look> {
    const startedAtMs = monotonicMs();
    try {
      const reading = await this.#ask((signal) => this.#monitor.read(signal));
      return { startedAtMs, endedAtMs: monotonicMs(), outcome: { reading } };
    } catch (thrown) {
      return { startedAtMs, endedAtMs: monotonicMs(), outcome: { reason: messageOf(thrown) } };
    }
  }

  /** Rejects at the timeout, whether or not the monitor heeds the signal; one that does not is not asked meanwhile. */
  async #ask<Answer>(question: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const { timeoutMs } = this.#plan;
    if (this.#isReading) throw new Error('an earlier reading timed out and has not ended yet');
    const aborter = new AbortController();
    const reading = this.#answer(question, aborter.signal);
    // It may fail when nobody waits for it any more.
    reading.catch(() => {});
    let timer: Timer | undefined;
    const givenUp = new Promise<never>((_resolve, reject) => {
      const late = new Error(`no answer within ${timeoutMs} ms`);
      this.#giveUp = () => reject(new Error('the monitor was closed'));
      timer = startTimer(() => {
        aborter.abort(late);
        timer = startTimer(() => reject(late), unheededMs);
      }, timeoutMs);
    });
    try {
      return await Promise.race([reading, givenUp]);
    } finally {
      cancelTimer(timer);
      this.#giveUp = undefined;
    }
  }

  /** A monitor that throws is one that rejects. */
  async #answer<Answer>(
    question: (signal: AbortSignal) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    this.#isReading = true;
    try {
      return await question(signal);
    } finally {
      this.#isReading = false;
    }
  }
}
